//! Environment variables laid over the file: `WHYRED_SECTION__KEY=value`.

use adapters::params::Fault;

/// What every override starts with.
const PREFIX: &str = "WHYRED_";
/// What stands for a dot. A variable without it is not an override (`WHYRED_CONFIG`, or a secret that somebody names so).
const DOT: &str = "__";

/// Writes each override into the table. Values are read as TOML where they can be (`true`, `5`, `["a"]`), else as text.
pub(super) fn lay_over(table: &mut toml::Table, vars: &[(String, String)]) -> Result<(), Fault> {
    for (name, value) in vars {
        let Some(rest) = name.strip_prefix(PREFIX).filter(|rest| rest.contains(DOT)) else { continue };
        let path: Vec<String> = rest.split(DOT).map(str::to_ascii_lowercase).collect();
        set(table, &path, read_value(value))
            .map_err(|what| Fault { path: path.join("."), what: format!("{what} (set by {name})") })?;
    }
    Ok(())
}

fn set(table: &mut toml::Table, path: &[String], value: toml::Value) -> Result<(), String> {
    match path {
        [] => Ok(()),
        [key] => {
            table.insert(key.clone(), value);
            Ok(())
        }
        [key, below @ ..] => {
            match table.entry(key.clone()).or_insert_with(|| toml::Value::Table(toml::Table::new())) {
                toml::Value::Table(next) => set(next, below, value),
                _ => Err(format!("`{key}` is not a table in the file, so nothing can be set below it")),
            }
        }
    }
}

fn read_value(text: &str) -> toml::Value {
    match text.parse::<toml::Value>() {
        Ok(
            value @ (toml::Value::Boolean(_)
            | toml::Value::Integer(_)
            | toml::Value::Float(_)
            | toml::Value::Array(_)),
        ) => value,
        _ => toml::Value::String(text.to_owned()),
    }
}
