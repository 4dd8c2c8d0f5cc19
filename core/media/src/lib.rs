//! Pictures and sound as bytes.
