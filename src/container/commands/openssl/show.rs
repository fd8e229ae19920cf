//! What `openssl` shows of certificates and requests.

use super::Line;
use crate::api::x509::{Certificate, Name, key_id};
use crate::base::Date;
use crate::base::sha256::sha256;
use crate::container::kernel::Kernel;

/// The versions of systems, by what `/etc/os-release` says of them: the first two numbers, and the rest.
const VERSIONS: &[(&str, u32, &str)] = &[
    ("alpine", 5, "3.5.4 30 Sep 2025"),
    ("trixie", 5, "3.5.1 1 Jul 2025"),
    ("noble", 0, "3.0.13 30 Jan 2024"),
    ("jammy", 0, "3.0.2 15 Mar 2022"),
];

/// The second number of its version, and the whole.
fn release(kernel: &mut Kernel<'_>) -> (u32, &'static str) {
    let bytes = kernel.files().read("/etc/os-release").unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let known = VERSIONS.iter().find(|(name, ..)| text.contains(name));
    known.map_or((0, "3.0.17 1 Jul 2025"), |(_, second, whole)| (*second, *whole))
}

/// `openssl version`
pub fn version(kernel: &mut Kernel<'_>) -> String {
    let (_, whole) = release(kernel);
    format!("OpenSSL {whole} (Library: OpenSSL {whole})\n")
}

/// What goes by while primes are looked for.
pub fn progress(kernel: &mut Kernel<'_>) -> String {
    let mut line = || {
        let mut text = String::new();
        for mark in ["*", "*", "\n"] {
            (0..3 + kernel.random().below(9)).for_each(|_| text.push('.'));
            text.push_str(if mark == "\n" { "" } else { "+++++++++++++++++" });
            text.push_str(mark);
        }
        text
    };
    [line(), line()].concat()
}

/// A name in one line: `CN = web, O = dev`, without the blanks since 3.2.
pub fn name(kernel: &mut Kernel<'_>, name: &Name) -> String {
    let sign = if release(kernel).0 >= 2 { "=" } else { " = " };
    name.iter().map(|(part, text)| format!("{part}{sign}{text}")).collect::<Vec<_>>().join(", ")
}

fn date(date: Date) -> String {
    // `date` writes the same with the weekday in front.
    let text = date.unix().replace(" UTC", "");
    format!("{} GMT", text.split_once(' ').map_or("", |(_, rest)| rest))
}

fn hex(bytes: &[u8], upper: bool) -> String {
    let byte = |byte: &u8| if upper { format!("{byte:02X}") } else { format!("{byte:02x}") };
    bytes.iter().map(byte).collect::<Vec<_>>().join(":")
}

/// Bytes on lines of so many, all but the last with a colon at their end.
fn block(bytes: &[u8], width: usize, indent: usize) -> String {
    let lines: Vec<String> =
        bytes.chunks(width).map(|line| format!("{:indent$}{}", "", hex(line, false))).collect();
    lines.join(":\n") + "\n"
}

/// What the options of `x509` and `req` ask for, in their order.
pub(super) fn shown(kernel: &mut Kernel<'_>, line: &Line, own: &Certificate, request: bool) -> String {
    let mut out = String::new();
    for word in &line.words {
        match word.trim_start_matches('-') {
            "subject" => out.push_str(&format!("subject={}\n", name(kernel, &own.subject))),
            "issuer" => out.push_str(&format!("issuer={}\n", name(kernel, &own.issuer))),
            "dates" => out.push_str(&format!("notBefore={}\nnotAfter={}\n", date(own.from), date(own.until))),
            "startdate" => out.push_str(&format!("notBefore={}\n", date(own.from))),
            "enddate" => out.push_str(&format!("notAfter={}\n", date(own.until))),
            "serial" => out.push_str(&format!("serial={}\n", hex(&own.serial, true).replace(':', ""))),
            "modulus" => out.push_str(&format!("Modulus={}\n", hex(&own.modulus, true).replace(':', ""))),
            "fingerprint" => {
                let der = if request { own.encode_request() } else { own.encode() };
                out.push_str(&format!("sha256 Fingerprint={}\n", hex(&sha256(&der), true)));
            }
            "text" => out.push_str(&text(kernel, own, request)),
            _ => {}
        }
    }
    out
}

fn text(kernel: &mut Kernel<'_>, own: &Certificate, request: bool) -> String {
    let subject = name(kernel, &own.subject);
    let mut out = match request {
        true => {
            format!("Certificate Request:\n    Data:\n        Version: 1 (0x0)\n        Subject: {subject}\n")
        }
        false => format!(
            "Certificate:\n    Data:\n        Version: 3 (0x2)\n        Serial Number:\n            {}\n        Signature Algorithm: sha256WithRSAEncryption\n        Issuer: {}\n        Validity\n            Not Before: {}\n            Not After : {}\n        Subject: {subject}\n",
            hex(&own.serial, false),
            name(kernel, &own.issuer),
            date(own.from),
            date(own.until)
        ),
    };
    out.push_str(&format!(
        "        Subject Public Key Info:\n            Public Key Algorithm: rsaEncryption\n                Public-Key: ({} bit)\n                Modulus:\n{}                Exponent: 65537 (0x10001)\n",
        own.modulus.len() * 8,
        block(&[&[0], &*own.modulus].concat(), 15, 20)
    ));
    if !request {
        out.push_str(&format!(
            "        X509v3 extensions:\n            X509v3 Subject Key Identifier: \n                {}\n            X509v3 Authority Key Identifier: \n                {}\n",
            hex(&key_id(&own.modulus), true),
            hex(&own.signer, true)
        ));
        if own.authority {
            out.push_str("            X509v3 Basic Constraints: critical\n                CA:TRUE\n");
        }
    }
    if !own.alternatives.is_empty() {
        if request {
            out.push_str("        Attributes:\n            Requested Extensions:\n");
        }
        let indent = if request { 16 } else { 12 };
        let names = own.alternatives.join(", ");
        out.push_str(&format!(
            "{:indent$}X509v3 Subject Alternative Name: \n{:indent$}    {names}\n",
            "", ""
        ));
    } else if request {
        out.push_str("        Attributes:\n            (none)\n            Requested Extensions:\n");
    }
    out.push_str(&format!(
        "    Signature Algorithm: sha256WithRSAEncryption\n    Signature Value:\n{}",
        block(&own.signature, 18, 8)
    ));
    out
}
