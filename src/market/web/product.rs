//! Products by the marketplace's forms and links: created, saved, deleted, rated (I3 facts §6.3).

use serde::Deserialize;
use ureq::http::header::{HeaderName, HeaderValue};

use super::{CREATE_PRODUCT, FormAnswer, WebError, WebSession, WebStep, to_product};
use crate::market::form;
use crate::market::http::Content;
use crate::market::page::{self, ProductForm, field};
use crate::market::product::Picture;
use crate::secret::Secret;

/// What buyers think of a product.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub struct Rating {
    /// The mean. The marketplace does not bound what buyers give.
    #[serde(rename = "rating")]
    pub average: f64,
    /// How many rated it.
    pub count: u64,
}

impl WebSession<'_> {
    /// Sends the form for a new product, once. Refused, it comes back with what was sent and no reason (I3 facts §6.5).
    ///
    /// # Errors
    /// As [`WebSession::create_hub`].
    pub fn create_product(&mut self, form: &ProductForm) -> Result<FormAnswer, WebError> {
        match self.submit(WebStep::CreateProduct, CREATE_PRODUCT, &form.fields(), to_product, &Secret::default())? {
            FormAnswer::FormRedisplayed { .. } => Ok(FormAnswer::FormRedisplayed { complaint: None }),
            other => Ok(other),
        }
    }

    /// The form that saves a product, with all that it holds.
    ///
    /// # Errors
    /// [`WebError::NotFound`], [`WebError::Page`] and the rest.
    pub fn product_form(&mut self, id: u64) -> Result<ProductForm, WebError> {
        let answer = self.get(&edit_path(id))?;
        Ok(page::product_form(self.page(WebStep::ProductForm, &answer)?)?)
    }

    /// Sends the form that saves a product, once.
    ///
    /// # Errors
    /// As [`WebSession::create_hub`].
    pub fn edit_product(
        &mut self,
        id: u64,
        form: &ProductForm,
        picture: Option<&Picture>,
    ) -> Result<FormAnswer, WebError> {
        const STEP: WebStep = WebStep::EditProduct;
        let path = edit_path(id);
        let csrf = self.csrf_for(STEP, &path)?;
        let fields = [vec![(field::CSRF, csrf.expose())], form.fields()].concat();
        let answer = match picture {
            None => self.post(&path, Content::Form(&fields))?,
            Some(picture) => {
                let file = form::File {
                    field: field::MEDIA,
                    name: picture.name(),
                    mime: picture.mime(),
                    bytes: picture.bytes(),
                };
                self.post(&path, Content::Multipart(&fields, &file))?
            }
        };
        if answer.status == 200 && !page::is_log_in_form(&answer.body) {
            let reasons = page::product_refusals(&answer.body);
            return Ok(match reasons.is_empty() {
                true => FormAnswer::FormRedisplayed { complaint: None },
                false => FormAnswer::Rejected { reasons },
            });
        }
        Self::judged(STEP, &answer, to_product, &Secret::default())
    }

    /// Follows the link that deletes a product, once: a GET that changes something. Without the slash at its end it would be
    /// redirected, and HEAD deletes as well (I3 facts §6.5).
    ///
    /// # Errors
    /// As [`WebSession::create_hub`].
    pub fn delete_product(&mut self, id: u64) -> Result<FormAnswer, WebError> {
        self.follow(WebStep::DeleteProduct, &format!("/products/delete/{id}/"))
    }

    /// What buyers think of a product; None if the marketplace does not tell.
    ///
    /// # Errors
    /// [`WebError`].
    pub fn rating(&mut self, id: u64) -> Result<Option<Rating>, WebError> {
        let headers = [(HeaderName::from_static("x-requested-with"), HeaderValue::from_static("XMLHttpRequest"))];
        let answer = self.get_with(&format!("/products/ajax/rating/?product_id={id}"), &headers)?;
        match answer.status {
            200 => Ok(serde_json::from_slice(&answer.body).ok()),
            401 | 404 => Ok(None),
            _ => Err(self.failed(WebStep::Rating, &answer)),
        }
    }
}

fn edit_path(id: u64) -> String {
    format!("/products/{id}/edit/")
}
