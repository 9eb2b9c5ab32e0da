//! See `i3_fuzz::subscriber::subscriber`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| i3_fuzz::subscriber::subscriber(data));
