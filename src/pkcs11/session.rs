//! A session with a token, and the private key in it.

use cryptoki::context::Pkcs11;
use cryptoki::mechanism::{Mechanism, MechanismType};
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::{Slot, TokenInfo};

use super::error::Pkcs11Error;
use super::library::failed;
use super::login::{TokenId, accepted, raw};
use super::uri::KeyUri;
use crate::key::PublicKey;

/// The prefix of a SHA-256 digest in a signature: the DER of DigestInfo (RFC 8017 §9.2, note 1).
const DIGEST_INFO: [u8; 19] =
    [0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20];

/// A private key, in a session that is logged in.
pub struct OpenKey {
    session: Session,
    object: ObjectHandle,
    token: TokenId,
    hashes: Hashes,
    /// Whether the PIN is given for each signature (`CKA_ALWAYS_AUTHENTICATE`).
    asks_always: bool,
    /// Its description: its label or id, and its token.
    pub name: String,
    pub public: PublicKey,
    /// Notes about it, as text.
    pub facts: Vec<String>,
}

/// Who computes the hash to sign.
enum Hashes {
    Token,
    Program,
}

impl OpenKey {
    /// Finds the only private key that matches the URI.
    ///
    /// # Errors
    /// [`Pkcs11Error`]: none or several, or one that cannot make RS256 signatures.
    pub fn find(
        module: &Pkcs11,
        (slot, info): (Slot, &TokenInfo),
        session: Session,
        token: TokenId,
        uri: &KeyUri,
    ) -> Result<OpenKey, Pkcs11Error> {
        let of_token = || info.label().to_owned();
        let mut wanted = vec![Attribute::Class(ObjectClass::PRIVATE_KEY)];
        wanted.extend(uri.wanted("object").map(|label| Attribute::Label(label.into())));
        wanted.extend(uri.wanted("id").map(|id| Attribute::Id(id.into())));
        let found = session.find_objects(&wanted).map_err(failed("look for the key"))?;
        let shown = |keys: &[ObjectHandle]| -> Vec<String> {
            keys.iter().map(|key| Description::read(&session, *key).uri(info.label()).to_string()).collect()
        };
        let object = match found.as_slice() {
            [one] => *one,
            [] => {
                let all = session.find_objects(&[Attribute::Class(ObjectClass::PRIVATE_KEY)]);
                let all = all.map_err(failed("look for keys"))?;
                return Err(Pkcs11Error::NoKey { token: of_token(), found: shown(&all) });
            }
            several => return Err(Pkcs11Error::SeveralKeys { token: of_token(), found: shown(several) }),
        };
        let is = Description::read(&session, object);
        let name = format!("the key {} on the token '{}'", is.name(), info.label());
        if is.kind.is_some_and(|kind| kind != KeyType::RSA) {
            return Err(Pkcs11Error::NotRsa { key: name, kind: is.kind_in_words() });
        }
        if !is.signs {
            return Err(Pkcs11Error::CannotSign { key: name });
        }
        let mechanisms = module.get_mechanism_list(slot).map_err(failed("list its mechanisms"))?;
        let hashes = match mechanisms.as_slice() {
            list if list.contains(&MechanismType::SHA256_RSA_PKCS) => Hashes::Token,
            list if list.contains(&MechanismType::RSA_PKCS) => Hashes::Program,
            _ => return Err(Pkcs11Error::NoMechanism { token: of_token() }),
        };
        let public = match numbers(&session, object).or_else(|| of_public_object(&session, &is)) {
            Some((modulus, exponent)) => PublicKey::from_numbers(&modulus, &exponent)
                .map_err(|source| Pkcs11Error::PublicHalf { key: name.clone(), source })?,
            None => return Err(Pkcs11Error::NoPublicHalf { key: name }),
        };
        let facts = facts(module, info, &is);
        Ok(OpenKey { session, object, token, hashes, asks_always: is.asks_always, name, public, facts })
    }

    /// Makes an RS256 signature (RFC 7518 §3.3).
    ///
    /// # Errors
    /// [`Pkcs11Error::Call`].
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Pkcs11Error> {
        let digest_info;
        let (mechanism, data) = match self.hashes {
            Hashes::Token => (Mechanism::Sha256RsaPkcs, message),
            Hashes::Program => {
                let digest = ring::digest::digest(&ring::digest::SHA256, message);
                digest_info = [&DIGEST_INFO, digest.as_ref()].concat();
                (Mechanism::RsaPkcs, &*digest_info)
            }
        };
        let failed = failed("sign");
        if !self.asks_always {
            return self.session.sign(&mechanism, self.object, data).map_err(failed);
        }
        self.session.sign_init(&mechanism, self.object).map_err(&failed)?;
        if let Some(pin) = accepted(&self.token) {
            self.session.login_with_raw(UserType::ContextSpecific, &raw(&pin)).map_err(&failed)?;
        } else {
            // The PIN is typed at the reader.
            self.session.login(UserType::ContextSpecific, None).map_err(&failed)?;
        }
        self.session.sign_update(data).map_err(&failed)?;
        self.session.sign_final().map_err(failed)
    }
}

/// The attributes of a private key object. Missing ones are assumed to have their usual values.
struct Description {
    label: Vec<u8>,
    id: Vec<u8>,
    kind: Option<KeyType>,
    signs: bool,
    asks_always: bool,
    leaves: Option<bool>,
}

impl Description {
    fn read(session: &Session, object: ObjectHandle) -> Description {
        use AttributeType as Type;
        let mut is = Description {
            label: Vec::new(),
            id: Vec::new(),
            kind: None,
            signs: true,
            asks_always: false,
            leaves: None,
        };
        // One at a time, because a module may refuse all for an unknown one.
        for wanted in [Type::Label, Type::Id, Type::KeyType, Type::Sign, Type::AlwaysAuthenticate, Type::Extractable] {
            for attribute in session.get_attributes(object, &[wanted]).unwrap_or_default() {
                match attribute {
                    Attribute::Label(label) => is.label = label,
                    Attribute::Id(id) => is.id = id,
                    Attribute::KeyType(kind) => is.kind = Some(kind),
                    Attribute::Sign(signs) => is.signs = signs,
                    Attribute::AlwaysAuthenticate(always) => is.asks_always = always,
                    Attribute::Extractable(leaves) => is.leaves = Some(leaves),
                    _ => {}
                }
            }
        }
        is
    }

    fn uri(&self, token: &str) -> KeyUri {
        KeyUri::naming(token, &String::from_utf8_lossy(&self.label), &self.id)
    }

    fn name(&self) -> String {
        if self.label.is_empty() {
            let hex: String = self.id.iter().map(|byte| format!("{byte:02x}")).collect();
            return format!("with the id {hex}");
        }
        format!("'{}'", String::from_utf8_lossy(&self.label))
    }

    fn kind_in_words(&self) -> String {
        match self.kind {
            Some(KeyType::EC) => "an elliptic-curve key".into(),
            Some(KeyType::EC_EDWARDS) => "an Ed25519 or Ed448 key".into(),
            Some(KeyType::DSA) => "a DSA key".into(),
            _ => "a key of another kind".into(),
        }
    }
}

/// Reads modulus and public exponent, which a private key may have.
fn numbers(session: &Session, object: ObjectHandle) -> Option<(Vec<u8>, Vec<u8>)> {
    let (mut modulus, mut exponent) = (Vec::new(), Vec::new());
    let wanted = [AttributeType::Modulus, AttributeType::PublicExponent];
    for attribute in wanted.iter().flat_map(|wanted| session.get_attributes(object, &[*wanted]).unwrap_or_default()) {
        match attribute {
            Attribute::Modulus(number) => modulus = number,
            Attribute::PublicExponent(number) => exponent = number,
            _ => {}
        }
    }
    (!modulus.is_empty() && !exponent.is_empty()).then_some((modulus, exponent))
}

/// Reads them from the public key object that has the same id, or if there is no id, the same label.
fn of_public_object(session: &Session, private: &Description) -> Option<(Vec<u8>, Vec<u8>)> {
    let same = match private.id.is_empty() {
        true => Attribute::Label(private.label.clone()),
        false => Attribute::Id(private.id.clone()),
    };
    let found = session.find_objects(&[Attribute::Class(ObjectClass::PUBLIC_KEY), same]).ok()?;
    found.into_iter().find_map(|object| numbers(session, object))
}

fn facts(module: &Pkcs11, info: &TokenInfo, key: &Description) -> Vec<String> {
    let mut facts = Vec::new();
    if let Ok(library) = module.get_library_info() {
        facts.push(format!("module: {} {}", library.manufacturer_id(), library.library_description()));
    }
    facts.push(format!(
        "token '{}': {} {}, serial {}",
        info.label(),
        info.manufacturer_id(),
        info.model(),
        info.serial_number()
    ));
    match key.leaves {
        Some(true) => facts.push("the token gives the private key away: it is extractable (CKA_EXTRACTABLE)".into()),
        Some(false) => facts.push("the private key does not leave the token".into()),
        None => {}
    }
    if key.asks_always {
        facts.push("the token is given the PIN for each signature (CKA_ALWAYS_AUTHENTICATE)".into());
    }
    facts
}
