//! `LabelSelector`: does it select the labels of its own template?
