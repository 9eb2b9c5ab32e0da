//! See `i3_fuzz::spool_block`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| i3_fuzz::spool_block(data));
