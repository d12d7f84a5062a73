//! What came back, read within bounds.

use bytes::{Bytes, BytesMut};
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;

use super::{HttpError, root_cause};

/// A body as it arrives.
pub type Body = BoxStream<'static, Result<Bytes, std::io::Error>>;

/// Status, headers and a body that has not been read yet.
#[derive(Debug)]
pub struct Answer {
    response: reqwest::Response,
}

impl Answer {
    pub(super) fn new(response: reqwest::Response) -> Self {
        Self { response }
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.response.status()
    }

    /// The headers.
    pub fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// A header as text, if it is there and is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers().get(name)?.to_str().ok()
    }

    /// The whole body, if it is at most `limit` bytes.
    pub async fn bytes(mut self, limit: usize) -> Result<Bytes, HttpError> {
        let too_large = self.response.content_length().is_some_and(|length| length > limit as u64);
        if too_large {
            return Err(HttpError::TooLarge { limit });
        }
        let mut body = BytesMut::new();
        while let Some(chunk) =
            self.response.chunk().await.map_err(|error| HttpError::Unavailable(root_cause(&error)))?
        {
            if body.len() + chunk.len() > limit {
                return Err(HttpError::TooLarge { limit });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    }

    /// The body as JSON of at most `limit` bytes.
    pub async fn json<T: DeserializeOwned>(self, limit: usize) -> Result<T, HttpError> {
        let body = self.bytes(limit).await?;
        serde_json::from_slice(&body)
            .map_err(|error| HttpError::Malformed(format!("is not the expected JSON: {error}")))
    }

    /// The body as it arrives; whoever reads it sets the bound.
    pub fn stream(self) -> Body {
        self.response.bytes_stream().map_err(|error| std::io::Error::other(root_cause(&error))).boxed()
    }
}
