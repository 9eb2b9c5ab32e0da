//! A token of SoftHSM with keys, and one that is taken out and put back.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::folder::Folder;
use super::skipped::without;
use crate::program::Run;

pub const PIN: &str = "24681357";
const SO_PIN: &str = "86427531";
const PLACES: [&str; 2] = ["/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/pkcs11/libsofthsm2.so"];

/// A folder with tokens that no other test sees.
pub struct SoftHsm {
    folder: Folder,
    module: &'static str,
}

impl SoftHsm {
    /// Tokens are made in a moment, keys are not: `None`, said loudly, if the programs for either are missing.
    pub fn new() -> Option<SoftHsm> {
        let module = PLACES.into_iter().find(|place| Path::new(place).exists());
        let tool = ["softhsm2-util", "pkcs11-tool"].map(|name| Path::new("/usr/bin").join(name).exists());
        let Some(module) = module.filter(|_| tool == [true, true]) else {
            without("I3_REQUIRE_SOFTHSM", "softhsm2 or opensc", "this was not tried with a key on a token");
            return None;
        };
        let hsm = SoftHsm { folder: Folder::new(), module };
        fs::create_dir(hsm.path("tokens")).unwrap();
        let conf = format!("directories.tokendir = {}\nlog.level = ERROR\n", hsm.path("tokens").display());
        fs::write(hsm.path("softhsm2.conf"), conf).unwrap();
        fs::write(hsm.path("pin"), PIN).unwrap();
        fs::set_permissions(hsm.path("pin"), fs::Permissions::from_mode(0o600)).unwrap();
        Some(hsm)
    }

    /// With a token that is called i3, and on it a key that is called lot1, with the id 1.
    pub fn with_key(pem: &str) -> Option<SoftHsm> {
        let hsm = SoftHsm::new()?;
        hsm.token("i3");
        hsm.import("lot1", "01", pem);
        Some(hsm)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Makes a token.
    pub fn token(&self, label: &str) {
        self.run("softhsm2-util", &["--init-token", "--free", "--label", label, "--pin", PIN, "--so-pin", SO_PIN]);
    }

    /// Puts a key onto the token i3.
    pub fn import(&self, label: &str, id: &str, pem: &str) {
        fs::write(self.path("key.pem"), pem).unwrap();
        let file = self.path("key.pem").display().to_string();
        self.run("softhsm2-util", &["--import", &file, "--token", "i3", "--pin", PIN, "--label", label, "--id", id]);
    }

    /// Makes a key on the token i3, as pkcs11-tool does with these options.
    pub fn generate(&self, options: &str) {
        let options: Vec<&str> = options.split_ascii_whitespace().collect();
        let tool = ["--module", self.module, "--token-label", "i3", "--login", "--pin", PIN, "--keypairgen"];
        self.run("pkcs11-tool", &[&tool, options.as_slice()].concat());
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let mut command = Command::new(program);
        command.args(arguments).env("SOFTHSM2_CONF", self.path("softhsm2.conf"));
        let output = command.output().unwrap();
        assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// The URI of a key, with the file that its PIN is in.
    pub fn uri(&self, object: &str) -> String {
        format!("pkcs11:token=i3;object={object}?pin-source=file:{}", self.path("pin").display())
    }

    /// Has a run see the tokens.
    pub fn seen_by(&self, run: Run) -> Run {
        run.env("SOFTHSM2_CONF", self.path("softhsm2.conf")).env("I3_PKCS11_MODULE", self.module)
    }

    /// A module whose token can be taken out.
    pub fn removable(&self) -> PathBuf {
        let module = self.path("removable.so");
        if !module.exists() {
            let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/support/pkcs11_shim.c");
            let mut cc = Command::new("cc");
            cc.args(["-shared", "-fPIC", &format!("-DMODULE=\"{}\"", self.module), "-o"]).arg(&module).arg(source);
            assert!(cc.status().expect("cc links Rust's programs as well").success());
        }
        module
    }

    pub fn remove(&self) {
        fs::write(self.path("removed"), "").unwrap();
    }

    pub fn put_back(&self) {
        fs::remove_file(self.path("removed")).unwrap();
    }

    /// Adds flags to those of the token (`CKF_…` of `CK_TOKEN_INFO`).
    pub fn flags(&self, flags: u32) {
        fs::write(self.path("flags"), format!("{flags:x}")).unwrap();
    }

    /// Marks the keys of the removable token as unable to sign: the tools cannot create such keys.
    pub fn forbid_signing(&self) {
        fs::write(self.path("no-sign"), "").unwrap();
    }

    /// How often a PIN was sent to the removable token.
    pub fn log_ins(&self) -> usize {
        fs::read_to_string(self.path("calls")).unwrap_or_default().lines().count()
    }
}
