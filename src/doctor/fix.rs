//! The safe fixes: file permissions, an expired token, a product without its permissions.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::SystemTime;

use anyhow::Context as _;

use super::finding::Fix;
use super::run::{DoctorHost, DoctorRequest, signer};
use crate::collation::same;
use crate::config::Config;
use crate::fsio::{self, Existing, FileAccess};
use crate::market::client::MarketClient;
use crate::market::product::{self, Title};
use crate::name::Topic;
use crate::token::{self, Lifetime};

/// Applies a fix, and returns notes for the seller.
///
/// # Errors
/// Why it failed; the file or product is unchanged then, unless the error says otherwise.
pub fn apply(fix: &Fix, request: &DoctorRequest, host: &mut dyn DoctorHost) -> anyhow::Result<Option<&'static str>> {
    match fix {
        Fix::Rights(path) => close(path, 0o7700).map(|()| None),
        Fix::Writers(path) => close(path, 0o7755).map(|()| None),
        Fix::Token(path) => renew_token(path, request, host).map(|()| None),
        Fix::Product(topic) => save_product(topic, request, host),
    }
}

/// Removes the permissions that are not in `kept`.
fn close(path: &Path, kept: u32) -> anyhow::Result<()> {
    let mode = || fs::metadata(path).map(|metadata| metadata.permissions().mode() & 0o7777);
    let done = mode().and_then(|before| {
        fs::set_permissions(path, Permissions::from_mode(before & kept))?;
        match mode()? & !kept {
            0 => Ok(()),
            _ => Err(io::Error::other("its file system keeps no permissions")),
        }
    });
    done.with_context(|| format!("the permissions of {} cannot be changed", path.display()))
}

fn renew_token(path: &Path, request: &DoctorRequest, host: &mut dyn DoctorHost) -> anyhow::Result<()> {
    let config = Config::load(&request.selection)?;
    let device = config.find_device(request.device.clone())?.value;
    let key = request.key.clone().or_else(|| config.key_file(&device));
    let key = key.with_context(|| format!("no key of {device} is known to sign a token with"))?;
    let key = signer(host, &key)?;
    let token = token::mint(&key, device.as_str(), Lifetime::DEFAULT, SystemTime::now())?;
    let text = zeroize::Zeroizing::new(format!("{}\n", token.expose()));
    fsio::write_whole(path, text.as_bytes(), FileAccess::Owner, Existing::Replace)
        .with_context(|| format!("{} cannot be written", path.display()))
}

fn save_product(
    topic: &Topic,
    request: &DoctorRequest,
    host: &mut dyn DoctorHost,
) -> anyhow::Result<Option<&'static str>> {
    let config = Config::load(&request.selection)?;
    let market = host.market(&config)?;
    let login = host.market_login(&config, &market)?;
    let mut client = MarketClient::open(&market, &login.auth())?;
    let (found, _) = product::find(&mut client, topic.as_str())?;
    // The marketplace lets anyone save anyone's product; that does not make it right.
    let is_seller = |user: &str| same(user, &found.seller);
    let owner = topic.as_str().split('/').next().unwrap_or_default();
    anyhow::ensure!(
        is_seller(owner) && client.known_user().is_none_or(is_seller),
        "{topic} is a product of {}, and saved only by that seller",
        found.seller
    );
    let user = client.stored_user().or(client.known_user()).unwrap_or(owner).to_owned();
    product::repair(&mut client, &found, Some(&user), Title::AsItIs)?;
    Ok(None)
}
