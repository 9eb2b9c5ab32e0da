//! See `i3_fuzz::output_format`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| i3_fuzz::output_format(data));
