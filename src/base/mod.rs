//! What everything else stands on: time, randomness, values, text forms.
