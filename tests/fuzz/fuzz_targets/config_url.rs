#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tacit_conformance::fuzz::config_url(data));
