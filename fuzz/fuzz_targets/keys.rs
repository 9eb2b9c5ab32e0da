//! See `i3_fuzz::keys`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| i3_fuzz::keys(data));
