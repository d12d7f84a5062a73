//! Secrets that must be kept: sealed with a key that only the configuration names.
//!
//! AES-256-GCM with a random nonce. What a secret belongs to is sealed along, so that nobody can put one in another's place.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};

use crate::secret::Secret;

/// Bytes of a key.
const KEY: usize = 32;

/// A key that seals and signs.
#[derive(Clone)]
pub struct SealingKey {
    seal: LessSafeKey,
    sign: hmac::Key,
}

impl std::fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[key]")
    }
}

/// Why something could not be sealed or opened.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SealError {
    /// The key is not one.
    #[error("the key must be 64 hexadecimal digits: make one with `openssl rand -hex 32`")]
    Key,
    /// The machine gives no random numbers.
    #[error("the system gives no random numbers")]
    Random,
    /// It was sealed with another key, for something else, or was changed.
    #[error(
        "it was not sealed with this key: put the key back that it was sealed with, or make the secret anew"
    )]
    Sealed,
}

impl SealingKey {
    /// Reads a key.
    pub fn read(key: &Secret) -> Result<Self, SealError> {
        let bytes = hex::decode(key.reveal().trim()).map_err(|_| SealError::Key)?;
        let bytes: [u8; KEY] = bytes.try_into().map_err(|_| SealError::Key)?;
        // One key for each use, both made of the one that is configured.
        let root = hmac::Key::new(hmac::HMAC_SHA256, &bytes);
        let made = |purpose: &[u8]| hmac::sign(&root, purpose);
        let seal =
            UnboundKey::new(&AES_256_GCM, made(b"whyred seal").as_ref()).map_err(|_| SealError::Key)?;
        let sign = hmac::Key::new(hmac::HMAC_SHA256, made(b"whyred sign").as_ref());
        Ok(Self { seal: LessSafeKey::new(seal), sign })
    }

    /// Seals a secret of `owner`.
    pub fn seal(&self, owner: &str, secret: &Secret) -> Result<String, SealError> {
        let mut nonce = [0; NONCE_LEN];
        SystemRandom::new().fill(&mut nonce).map_err(|_| SealError::Random)?;
        let mut sealed = secret.reveal().as_bytes().to_vec();
        let aad = Aad::from(owner.as_bytes());
        self.seal
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut sealed)
            .map_err(|_| SealError::Random)?;
        Ok(BASE64.encode([nonce.as_slice(), &sealed].concat()))
    }

    /// Opens what was sealed for `owner`.
    pub fn open(&self, owner: &str, sealed: &str) -> Result<Secret, SealError> {
        let bytes = BASE64.decode(sealed).map_err(|_| SealError::Sealed)?;
        let (nonce, rest) = bytes.split_first_chunk::<NONCE_LEN>().ok_or(SealError::Sealed)?;
        let mut rest = rest.to_vec();
        let aad = Aad::from(owner.as_bytes());
        let plain = self
            .seal
            .open_in_place(Nonce::assume_unique_for_key(*nonce), aad, &mut rest)
            .map_err(|_| SealError::Sealed)?;
        let plain = std::str::from_utf8(plain).map_err(|_| SealError::Sealed)?;
        Ok(Secret::new(plain))
    }

    /// Signs a text of ours.
    pub fn sign(&self, text: &str) -> String {
        hex::encode(hmac::sign(&self.sign, text.as_bytes()).as_ref())
    }

    /// Whether we signed it.
    pub fn signed(&self, text: &str, signature: &str) -> bool {
        hex::decode(signature)
            .is_ok_and(|signature| hmac::verify(&self.sign, text.as_bytes(), &signature).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(digit: &str) -> SealingKey {
        SealingKey::read(&Secret::new(digit.repeat(64))).unwrap()
    }

    #[test]
    fn what_is_sealed_opens_with_its_key_for_its_owner_alone() {
        let token = Secret::new("xoxb-1");
        let sealed = key("a").seal("T1", &token).unwrap();
        assert!(!sealed.contains("xoxb"));
        assert_ne!(sealed, key("a").seal("T1", &token).unwrap(), "the same looks different each time");
        assert_eq!(key("a").open("T1", &sealed), Ok(token));
        assert_eq!(key("b").open("T1", &sealed), Err(SealError::Sealed));
        assert_eq!(key("a").open("T2", &sealed), Err(SealError::Sealed));
        for changed in [&sealed[1..], "", "=", "AAAA"] {
            assert_eq!(key("a").open("T1", changed), Err(SealError::Sealed));
        }
    }

    #[test]
    fn signatures_are_of_one_text_and_key() {
        let signature = key("a").sign("state");
        assert!(key("a").signed("state", &signature));
        assert!(!key("a").signed("stata", &signature));
        assert!(!key("b").signed("state", &signature));
        assert!(!key("a").signed("state", "zz"));
    }

    #[test]
    fn a_key_is_never_short() {
        for bad in ["", "secret", &"a".repeat(63), &"a".repeat(66)] {
            assert_eq!(SealingKey::read(&Secret::new(bad)).unwrap_err(), SealError::Key);
        }
    }
}
