//! Video files, by their containers alone.
