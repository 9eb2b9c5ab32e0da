//! The body of a request, in memory that is wiped.

use zeroize::Zeroizing;

use super::form::{self, File};
use crate::secret::Secret;

/// The body of a request.
#[derive(Debug)]
pub enum RequestBody<'a> {
    None,
    Form(&'a [(&'a str, &'a str)]),
    /// Fields and a file.
    Multipart(&'a [(&'a str, &'a str)], &'a File<'a>),
    Json(Secret),
}

impl RequestBody<'_> {
    /// Returns its content type and its bytes, if there is a body.
    pub(super) fn encode(self) -> Option<(String, EncodedBody)> {
        Some(match self {
            RequestBody::None => return None,
            RequestBody::Form(fields) => {
                ("application/x-www-form-urlencoded".into(), EncodedBody::Text(form::encode(fields)))
            }
            RequestBody::Multipart(fields, file) => {
                let boundary = format!("i3-{:032x}", rand::random::<u128>());
                let body = form::multipart(&boundary, fields, file);
                (format!("multipart/form-data; boundary={boundary}"), EncodedBody::Bytes(body))
            }
            RequestBody::Json(text) => ("application/json".into(), EncodedBody::Text(text)),
        })
    }
}

/// An encoded body.
pub(super) enum EncodedBody {
    Text(Secret),
    Bytes(Zeroizing<Vec<u8>>),
}

impl EncodedBody {
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            EncodedBody::Text(text) => text.expose().as_bytes(),
            EncodedBody::Bytes(bytes) => bytes,
        }
    }
}
