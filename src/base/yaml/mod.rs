//! YAML in, with line and column, and out.
