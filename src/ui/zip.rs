//! A ZIP archive of texts, uncompressed (APPNOTE.TXT of PKWARE, version 2.0).

use crate::base::digest::crc32;

/// An archive of these paths and texts. Their date is the first that the format knows, so that one work makes one
/// archive.
pub fn zip(files: &[(String, String)]) -> Vec<u8> {
    let (mut out, mut list) = (Vec::new(), Vec::new());
    for (path, text) in files {
        let at = out.len() as u32;
        let mut about = Vec::new();
        // Version 2.0, names in UTF-8, stored, 1980-01-01 00:00.
        for word in [20u16, 1 << 11, 0, 0, 0x21] {
            about.extend(word.to_le_bytes());
        }
        for long in [crc32(text.as_bytes()), text.len() as u32, text.len() as u32] {
            about.extend(long.to_le_bytes());
        }
        about.extend((path.len() as u16).to_le_bytes());
        about.extend([0; 2]);
        out.extend(b"PK\x03\x04");
        out.extend(&about);
        out.extend(path.as_bytes());
        out.extend(text.as_bytes());
        list.extend(b"PK\x01\x02\x14\x00");
        list.extend(&about);
        list.extend([0; 10]);
        list.extend(at.to_le_bytes());
        list.extend(path.as_bytes());
    }
    let (at, count) = (out.len() as u32, (files.len() as u16).to_le_bytes());
    out.extend(&list);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend([count, count].concat());
    out.extend((list.len() as u32).to_le_bytes());
    out.extend(at.to_le_bytes());
    out.extend([0; 2]);
    out
}
