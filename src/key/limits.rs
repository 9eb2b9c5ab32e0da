//! The accepted sizes and costs of keys.

/// Smallest modulus, in bits: ring signs and verifies nothing shorter.
pub const MIN_BITS: usize = 2048;
/// Largest modulus of a new key, in bits; I3's form accepts much less ([`FORM_MAX_CHARS`]).
pub const MAX_BITS: usize = 4096;
/// Largest modulus of a key that is read, in bits: ring verifies nothing longer.
pub const READ_MAX_BITS: usize = 8192;
/// Longest public exponent, in bits: neither ring nor the rsa crate takes a longer one.
pub const EXPONENT_MAX_BITS: usize = 33;
/// Largest modulus whose key body fits I3's form, in bits.
pub const FORM_MAX_BITS: usize = 2696;
/// Longest credential that I3's form accepts, in characters.
pub const FORM_MAX_CHARS: usize = 500;
/// Most iterations of PBKDF2, or of the older hash-based derivations, for an encrypted key: some ten seconds.
/// openssl uses 2,048, and a million is considered generous.
pub const ITERATIONS_MAX: u32 = 10_000_000;
/// Most memory for the scrypt that opens an encrypted key, in bytes: `128 · N · r` (RFC 7914 §2). openssl's default takes
/// 16 MiB.
pub const SCRYPT_MEMORY_MAX: u64 = 256 << 20;
/// Most work of scrypt, `N · r · p`: some ten seconds. openssl's default is 2¹⁷.
pub const SCRYPT_WORK_MAX: u64 = 1 << 24;
/// Most rounds of the derivation by bcrypt that opens an OpenSSH key: some ten seconds. ssh-keygen's default is 16.
pub const BCRYPT_ROUNDS_MAX: u32 = 1000;
