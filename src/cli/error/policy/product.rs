//! The exit code and the remedy for refused products.

use super::local::name;
use super::market::{access, change};
use crate::catalogue::entry;
use crate::cli::error::cli_error::{Policy, filled, with};
use crate::cli::error::kind::ExitKind;
use crate::market::model::{FieldError, PictureError};
use crate::market::product::title::TitleFault;
use crate::market::product::{CreateError, DeleteError, NotOwn, SaveError, SearchError};
use crate::shell::quoted;

pub(super) fn create(error: &CreateError) -> Policy {
    match error {
        CreateError::Name(e) => name(e),
        CreateError::Change(e) => change(e),
    }
}

pub(super) fn save(error: &SaveError) -> Policy {
    match error {
        SaveError::Change(e) => change(e),
        SaveError::NotOwn(e) => not_own(e),
        SaveError::Title(e) => title(e),
        SaveError::NoHub { .. } => filled(
            ExitKind::Data,
            entry!("hub-unknown"),
            "give it a topic of one of your hubs with --title USER/HUB/PRODUCT",
        ),
        SaveError::NoPermissions { title, .. } => {
            let remedy = format!("run `{{i3}} product repair {}` when the marketplace's mail works", quoted(title));
            filled(ExitKind::TryAgain, entry!("product-without-permissions"), remedy)
        }
        SaveError::Differs { title, .. } => {
            let remedy = format!("see what it holds with `{{i3}} product show {}`", quoted(title));
            filled(ExitKind::Other, entry!("accepted-but-missing"), remedy)
        }
    }
}

pub(super) fn delete(error: &DeleteError) -> Policy {
    match error {
        DeleteError::Change(e) => change(e),
        DeleteError::NotOwn(e) => not_own(e),
        DeleteError::Halfway { title, .. } => {
            let remedy = format!(
                "run `{{i3}} product delete {0}` again when the marketplace's mail works, or keep the product with `{{i3}} \
                 product repair {0}`",
                quoted(title)
            );
            filled(ExitKind::TryAgain, entry!("product-half-deleted"), remedy)
        }
    }
}

pub(super) fn not_own(error: &NotOwn) -> Policy {
    filled(ExitKind::Refused, entry!("seller-unknown"), format!("log in as {}", error.seller))
}

pub(super) fn title(error: &TitleFault) -> Policy {
    match error {
        TitleFault::PrefixLost { seller, .. } => {
            let remedy = format!(
                "give it a topic of its hub with `{{i3}} product repair` and --title {}",
                quoted(&format!("{seller}/HUB/PRODUCT"))
            );
            filled(ExitKind::Data, entry!("product-prefix-lost"), remedy)
        }
        TitleFault::OtherHub { hub, .. } => {
            let remedy = format!(
                "give it a topic of its hub with `{{i3}} product repair` and --title {hub}/PRODUCT, or move it with --title and --yes"
            );
            filled(ExitKind::Data, entry!("product-prefix-lost"), remedy)
        }
        TitleFault::Unpublishable { source, .. } => name(source),
    }
}

pub(super) fn search(error: &SearchError) -> Policy {
    match error {
        SearchError::NoSuchSeller(_) => with(ExitKind::Data, entry!("seller-unknown")),
        SearchError::Client(e) => access(e),
    }
}

pub(super) fn field(error: &FieldError) -> Policy {
    match error {
        FieldError::Price(_) => filled(ExitKind::Data, entry!("values"), "give a price such as 1.50"),
        FieldError::Degrees(..) => {
            filled(ExitKind::Data, entry!("values"), "give --latitude and --longitude such as 34.0224 and -118.2851")
        }
        FieldError::SalePrice(_) => filled(
            ExitKind::Data,
            entry!("values"),
            "give a sale price such as 1.20; --no-sale of `{i3} product edit` ends a sale",
        ),
        FieldError::NoDescription => {
            filled(ExitKind::Data, entry!("values"), "describe with --description what is sold")
        }
        FieldError::LongDescription => filled(ExitKind::Data, entry!("values"), "shorten the description"),
        FieldError::Nul(_) => filled(ExitKind::Data, entry!("values"), "leave the NUL out"),
        FieldError::Unstorable { .. } => with(ExitKind::Data, entry!("characters")),
    }
}

pub(super) fn picture(error: &PictureError) -> Policy {
    match error {
        PictureError::TooLarge(_) => filled(ExitKind::Data, entry!("values"), "make the picture smaller"),
        _ => filled(ExitKind::Data, entry!("values"), "give --picture a PNG, JPEG or GIF file"),
    }
}
