//! Questions to the person at the terminal; a script is never asked.

use anyhow::Context;
use dialoguer::{Confirm, Input, Password as Hidden};

use super::intake;
use super::ui::Ui;
use crate::guard::source::Content;
use crate::secret::Secret;
use crate::text;

/// Asks for a secret without showing it; returns `None` if nobody can be asked.
///
/// # Errors
/// The terminal cannot be read.
pub fn secret(ui: &Ui, question: &str) -> anyhow::Result<Option<Secret>> {
    if !ui.may_ask() {
        return Ok(None);
    }
    let answer = Hidden::new().with_prompt(text::one_line(question)).allow_empty_password(true).interact();
    taken(ui, answer)
}

/// Asks for a new secret, twice.
///
/// # Errors
/// The terminal cannot be read.
pub fn new_secret(ui: &Ui, question: &str) -> anyhow::Result<Option<Secret>> {
    if !ui.may_ask() {
        return Ok(None);
    }
    let answer = Hidden::new()
        .with_prompt(text::one_line(question))
        .with_confirmation("Repeat", "The two do not match; try again")
        .interact();
    taken(ui, answer)
}

fn taken(ui: &Ui, answer: dialoguer::Result<String>) -> anyhow::Result<Option<Secret>> {
    let secret = answer.map(Secret::new).context("the terminal cannot be read")?;
    Ok(Some(intake::typed(ui, &secret, Content::Password)?))
}

/// Asks for a line of text; returns `None` if nobody can be asked.
///
/// # Errors
/// The terminal cannot be read.
pub fn text(ui: &Ui, question: &str) -> anyhow::Result<Option<String>> {
    if !ui.may_ask() {
        return Ok(None);
    }
    let answer = Input::<String>::new().with_prompt(text::one_line(question)).interact_text();
    intake::typed_name(ui, &answer.context("the terminal cannot be read")?).map(Some)
}

/// Asks for confirmation, where Enter means no; returns `None` if nobody can be asked.
///
/// # Errors
/// The terminal cannot be read.
pub fn confirm(ui: &Ui, question: &str) -> anyhow::Result<Option<bool>> {
    if !ui.may_ask() {
        return Ok(None);
    }
    Confirm::new()
        .with_prompt(text::one_line(question))
        .default(false)
        .interact()
        .map(Some)
        .context("the terminal cannot be read")
}
