//! Creates, saves, deletes and rates products through the marketplace's forms and links (I3 facts §6.3).

use ureq::http::header::{HeaderName, HeaderValue};

use super::error::{Operation, WebError};
use super::session::{CREATE_PRODUCT, WebSession, to_product};
use crate::market::http::{RequestBody, form};
use crate::market::model::{Picture, ProductForm, Rating, Reply, field};
use crate::market::page;
use crate::secret::Secret;

impl WebSession<'_> {
    /// Sends the form for a new product, once. If refused, it comes back with the sent values and without a reason (I3 facts
    /// §6.5).
    ///
    /// # Errors
    /// As [`WebSession::create_hub`].
    pub fn create_product(&mut self, form: &ProductForm) -> Result<Reply, WebError> {
        match self.submit(Operation::CreateProduct, CREATE_PRODUCT, &form.fields(), to_product, &Secret::default())? {
            Reply::FormRedisplayed { .. } => Ok(Reply::FormRedisplayed { complaint: None }),
            other => Ok(other),
        }
    }

    /// Returns the form that saves a product, with all its values.
    ///
    /// # Errors
    /// [`WebError::NotFound`], [`WebError::Page`] and others.
    pub fn product_form(&mut self, id: u64) -> Result<ProductForm, WebError> {
        let answer = self.get(&edit_path(id))?;
        Ok(page::product_form(self.page(Operation::ProductForm, &answer)?)?)
    }

    /// Sends the form that saves a product, once.
    ///
    /// # Errors
    /// As [`WebSession::create_hub`].
    pub fn edit_product(&mut self, id: u64, form: &ProductForm, picture: Option<&Picture>) -> Result<Reply, WebError> {
        const OPERATION: Operation = Operation::EditProduct;
        let path = edit_path(id);
        let csrf = self.csrf_for(OPERATION, &path)?;
        let fields = [vec![(field::CSRF, csrf.expose())], form.fields()].concat();
        let answer = match picture {
            None => self.post(&path, RequestBody::Form(&fields))?,
            Some(picture) => {
                let file = form::File {
                    field: field::MEDIA,
                    name: picture.name(),
                    mime: picture.mime(),
                    bytes: picture.bytes(),
                };
                self.post(&path, RequestBody::Multipart(&fields, &file))?
            }
        };
        if answer.status == 200 && !page::is_log_in_form(&answer.body) {
            let reasons = page::product_refusals(&answer.body);
            return Ok(match reasons.is_empty() {
                true => Reply::FormRedisplayed { complaint: None },
                false => Reply::Rejected { reasons },
            });
        }
        Self::judged(OPERATION, &answer, to_product, &Secret::default())
    }

    /// Follows the link that deletes a product, once: a GET that changes something. Without the slash at its end it would be
    /// redirected, and HEAD deletes as well (I3 facts §6.5).
    ///
    /// # Errors
    /// As [`WebSession::create_hub`].
    pub fn delete_product(&mut self, id: u64) -> Result<Reply, WebError> {
        self.follow(Operation::DeleteProduct, &format!("/products/delete/{id}/"))
    }

    /// Returns how buyers rated a product; None if the marketplace does not show it.
    ///
    /// # Errors
    /// [`WebError`].
    pub fn rating(&mut self, id: u64) -> Result<Option<Rating>, WebError> {
        let headers = [(HeaderName::from_static("x-requested-with"), HeaderValue::from_static("XMLHttpRequest"))];
        let answer = self.get_with(&format!("/products/ajax/rating/?product_id={id}"), &headers)?;
        match answer.status {
            200 => Ok(serde_json::from_slice(&answer.body).ok()),
            401 | 404 => Ok(None),
            _ => Err(self.failed(Operation::Rating, &answer)),
        }
    }
}

fn edit_path(id: u64) -> String {
    format!("/products/{id}/edit/")
}
