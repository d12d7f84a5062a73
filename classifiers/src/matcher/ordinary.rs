//! How often a text stands in ordinary logs, roughly: a rule is searched for by the text that is rarest.

use std::sync::LazyLock;

use super::Literal;

/// Made by `classifiers/pieces/learn`, which says what it holds.
static LEVELS: &[u8; THREE + FOUR] = include_bytes!("../../pieces/common.bin");
const THREE: usize = 1 << 14;
const FOUR: usize = 1 << 15;

/// The level of a piece that stands in fewer logs than are counted, in quarters of a power of two.
const UNSEEN: i32 = 8;

/// How often a level is, in ten megabytes of logs.
static TIMES: LazyLock<[u64; 256]> = LazyLock::new(|| {
    let mut times = [1; 256];
    for level in 4..256 {
        // 2^(1/4) is 1.19, near enough: each fourth level doubles exactly.
        times[level] = (times[level - 4] * 2).min(1 << 40);
    }
    times
});

/// How often a text stands in ten megabytes of ordinary logs.
pub(super) fn times(text: &Literal) -> u64 {
    let of = |bytes: &[u8]| TIMES[usize::try_from(level(bytes).clamp(0, 255)).unwrap_or(0)];
    if !text.fold {
        return of(&text.bytes);
    }
    // Words are written small, large, or with one large letter in front.
    let mut front = text.bytes.clone();
    if let Some(first) = front.iter_mut().find(|byte| byte.is_ascii_alphabetic()) {
        first.make_ascii_uppercase();
    }
    of(&text.bytes) + of(&text.bytes.to_ascii_uppercase()) + of(&front)
}

/// The level of a text: that of its first piece, and of each further one how rarely it follows what it overlaps with.
fn level(text: &[u8]) -> i32 {
    let mut windows = text.windows(4);
    let Some(first) = windows.next() else {
        return text.first_chunk().map_or(i32::from(u8::MAX), |three| of_three(*three));
    };
    windows.fold(of_four(first), |level, piece| {
        let before = of_three([piece[0], piece[1], piece[2]]);
        level + (of_four(piece) - before).min(0)
    })
}

fn of_three(piece: [u8; 3]) -> i32 {
    let [a, b, c] = piece;
    i32::from(LEVELS[slot([a, b, c, 0], THREE)]).max(UNSEEN)
}

fn of_four(piece: &[u8]) -> i32 {
    i32::from(LEVELS[THREE + slot([piece[0], piece[1], piece[2], piece[3]], FOUR)]).max(UNSEEN)
}

fn slot(piece: [u8; 4], size: usize) -> usize {
    let hash = u32::from_le_bytes(piece).wrapping_mul(0x9e37_79b1);
    (hash >> (32 - size.trailing_zeros())) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_logs_print_all_the_time_is_common_and_marks_of_errors_are_rare() {
        let times = |text: &str| times(&Literal::exact(text));
        let common = [" in ", "error", ".py", "build", "test", "info", "the "];
        let rare =
            ["error MSB", "GHSA-", "no space left on device", "ECONNREFUSED", "undefined reference to"];
        let rarest = common.iter().map(|text| times(text)).min().unwrap();
        let commonest = rare.iter().map(|text| times(text)).max().unwrap();
        assert!(rarest > 20 * commonest, "{rarest} and {commonest}");
        // More text is never more common.
        assert!(times("error: ") <= times("error"));
    }

    #[test]
    fn a_text_in_either_case_is_as_common_as_all_ways_to_write_it() {
        let fold = Literal { bytes: b"error".to_vec(), fold: true };
        assert!(times(&fold) >= times(&Literal::exact("error")) + times(&Literal::exact("ERROR")));
    }
}
