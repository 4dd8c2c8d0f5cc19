//! One module per section of the vector files.
