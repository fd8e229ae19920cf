//! Properties of reading and writing.
