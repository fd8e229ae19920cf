//! `openssl`: keys, requests and certificates, as courses make them for TLS Secrets and for users.

mod show;

use std::sync::Arc;

use super::options::Named;
use crate::api::base64;
use crate::api::x509::{Certificate, Name, from_pem, key, key_id, modulus_of_key, pem};
use crate::base::Date;
use crate::container::kernel::Kernel;
use crate::container::program::{Step, Wait};

const DAY: i64 = 86_400;
/// What a prompt of `req` would ask for.
const NO_SUBJECT: &str =
    "Saya does not ask for the parts of a name: give them, as in -subj \"/CN=web/O=dev\"";

/// A running `openssl`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Openssl {
    /// Standard input, where it is read.
    input: Vec<u8>,
}

/// The command line of one of its programs.
struct Line {
    words: Vec<Arc<str>>,
    input: String,
}

impl Line {
    fn has(&self, option: &str) -> bool {
        self.words.iter().any(|word| word.trim_start_matches('-') == option && word.starts_with('-'))
    }

    fn value(&self, option: &str) -> Option<&str> {
        let named = |word: &Arc<str>| word.starts_with('-') && word.trim_start_matches('-') == option;
        let at = self.words.iter().position(named)?;
        self.words.get(at + 1).map(|value| &**value)
    }

    fn values<'a>(&'a self, option: &'a str) -> impl Iterator<Item = &'a str> {
        self.words
            .windows(2)
            .filter(move |pair| pair[0].trim_start_matches('-') == option)
            .map(|pair| &*pair[1])
    }

    /// The last word, where it is a number.
    fn number(&self) -> Option<usize> {
        self.words.last()?.parse().ok()
    }
}

type Result<T> = std::result::Result<T, String>;

impl Openssl {
    /// Goes on: reads standard input where it must, then does all at once.
    pub fn step(&mut self, kernel: &mut Kernel<'_>, tool: Named) -> Step {
        let argv = kernel.argv();
        let program = argv.get(1).map_or("help", |word| &**word);
        let line = Line { words: argv.iter().skip(2).cloned().collect(), input: String::new() };
        let reads = match program {
            "x509" | "rsa" => line.value("in").is_none(),
            "req" => {
                !line.has("new") && !line.has("x509") && !line.has("newkey") && line.value("in").is_none()
            }
            "base64" | "enc" => line.value("in").is_none(),
            _ => false,
        };
        if reads && !kernel.read_into(0, &mut self.input) {
            return Wait::readable(0).into();
        }
        let line = Line { input: String::from_utf8_lossy(&self.input).into_owned(), ..line };
        let done = match program {
            "version" => {
                let text = show::version(kernel);
                kernel.print(text);
                Ok(())
            }
            "rand" => rand(kernel, &line),
            "genrsa" => generate(kernel, &line, line.number().unwrap_or(2048)),
            "genpkey" => {
                let bits =
                    line.values("pkeyopt").find_map(|own| own.strip_prefix("rsa_keygen_bits:")?.parse().ok());
                generate(kernel, &line, bits.unwrap_or(2048))
            }
            "req" => request(kernel, &line),
            "x509" => x509(kernel, &line),
            "verify" => verify(kernel, &line),
            "base64" => encode(kernel, &line),
            "enc" if line.has("base64") || line.has("a") => encode(kernel, &line),
            other => {
                tool.say(kernel, format!("Saya simulates version, rand, genrsa, genpkey, req, x509, verify and base64 of it, not {other}"));
                return Step::Exit(1);
            }
        };
        Step::Exit(match done {
            Ok(()) => 0,
            Err(why) => {
                kernel.complain(format!("{why}\n"));
                1
            }
        })
    }
}

/// What an option names, read as text.
fn read(kernel: &mut Kernel<'_>, path: &str, what: &str) -> Result<String> {
    let bytes = kernel.files().read(path);
    bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).map_err(|errno| {
        let (what, purpose) = match what {
            "" => ("certificate".to_owned(), "Could not open file or uri for loading"),
            what => (what.to_owned(), "Could not open file or uri for loading"),
        };
        format!(
            "{purpose} {what} from {path}\n(Saya leaves out where in OpenSSL.) calling stat({path})\nUnable to load {what}: {}",
            errno.text()
        )
    })
}

fn input(kernel: &mut Kernel<'_>, line: &Line, what: &str) -> Result<String> {
    match line.value("in") {
        Some(path) => read(kernel, path, what),
        None => Ok(line.input.clone()),
    }
}

/// Writes where `-out` says, or prints.
fn write(kernel: &mut Kernel<'_>, path: Option<&str>, text: String, mode: u16) -> Result<()> {
    match path {
        None => kernel.print(text),
        Some(path) => {
            let written = kernel.files().write(path, text.into_bytes(), mode);
            written.map_err(|errno| format!("Can't open \"{path}\" for writing, {}", errno.text()))?;
        }
    }
    Ok(())
}

fn rand(kernel: &mut Kernel<'_>, line: &Line) -> Result<()> {
    let count = line.number().ok_or("Extra (unknown) options: \"\"\nrand: Use -help for summary.")?;
    let bytes: Vec<u8> = (0..count.min(1 << 16)).map(|_| kernel.random().below(256) as u8).collect();
    let text = if line.has("hex") {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>() + "\n"
    } else {
        let text = base64::encode(&bytes);
        text.as_bytes().chunks(64).map(|line| String::from_utf8_lossy(line) + "\n").collect()
    };
    write(kernel, line.value("out"), text, 0o644)
}

fn encode(kernel: &mut Kernel<'_>, line: &Line) -> Result<()> {
    let text = input(kernel, line, "input")?;
    let made = match line.has("d") {
        true => {
            let bare: String = text.split_whitespace().collect();
            String::from_utf8_lossy(&base64::decode(&bare).map_err(|_| "error reading input file")?)
                .into_owned()
        }
        false => {
            let text = base64::encode(text.as_bytes());
            let width = if line.has("A") { text.len().max(1) } else { 64 };
            let end = if line.has("A") { "" } else { "\n" };
            text.as_bytes().chunks(width).map(|line| String::from_utf8_lossy(line) + end).collect()
        }
    };
    write(kernel, line.value("out"), made, 0o644)
}

fn generate(kernel: &mut Kernel<'_>, line: &Line, bits: usize) -> Result<()> {
    let (der, _) = key(kernel.random(), bits.clamp(512, 8_192));
    write(kernel, line.value("out"), pem("PRIVATE KEY", &der), 0o600)
}

/// The modulus of the key in a file.
fn key_in(kernel: &mut Kernel<'_>, path: &str) -> Result<Vec<u8>> {
    let text = read(kernel, path, "private key")?;
    let found = from_pem(&text, "PRIVATE KEY").and_then(|der| modulus_of_key(&der));
    found.ok_or_else(|| format!("Could not read private key from {path}"))
}

/// `/CN=web/O=dev`
fn subject(text: &str) -> Result<Name> {
    let wrong = || {
        format!(
            "name is expected to be in the format /type0=value0/type1=value1/type2=... where characters may be escaped by \\. This name is not in that format: '{}'",
            text.trim_start_matches('/')
        )
    };
    let parts = text.strip_prefix('/').ok_or_else(wrong)?.split('/').filter(|part| !part.is_empty());
    let name: Option<Name> =
        parts.map(|part| part.split_once('=').map(|(a, b)| (a.into(), b.into()))).collect();
    name.ok_or_else(wrong)
}

/// The other names that `-addext` adds: `subjectAltName = DNS:web, IP:10.0.0.1`.
fn alternatives(line: &Line) -> Vec<String> {
    let values = line.values("addext").filter_map(|own| {
        let (name, list) = own.split_once('=')?;
        (name.trim() == "subjectAltName").then_some(list)
    });
    let names = values.flat_map(|list| list.split(','));
    names.map(|own| own.trim().replace("IP:", "IP Address:")).collect()
}

fn request(kernel: &mut Kernel<'_>, line: &Line) -> Result<()> {
    if !line.has("new") && !line.has("x509") && !line.has("newkey") {
        let text = input(kernel, line, "certificate request")?;
        let der = from_pem(&text, "CERTIFICATE REQUEST");
        let found = der.as_deref().and_then(Certificate::decode);
        let found = found.ok_or("Unable to load X509 request")?;
        let shown = show::shown(kernel, line, &found, true);
        kernel.print(shown);
        return if line.has("noout") { Ok(()) } else { write(kernel, line.value("out"), text, 0o644) };
    }
    let modulus = match line.value("key") {
        Some(path) => key_in(kernel, path)?,
        None => {
            let bits = line.value("newkey").and_then(|own| own.strip_prefix("rsa:")?.parse().ok());
            if line.value("newkey").is_some_and(|own| !own.starts_with("rsa")) {
                return Err("Saya simulates keys of RSA alone".into());
            }
            if !line.has("nodes") && !line.has("noenc") {
                return Err("Saya does not ask for pass phrases: give -nodes".into());
            }
            let (der, modulus) = key(kernel.random(), bits.unwrap_or(2_048));
            let dots = show::progress(kernel);
            kernel.complain(dots);
            let path = line.value("keyout").unwrap_or("privkey.pem");
            write(kernel, Some(path), pem("PRIVATE KEY", &der), 0o600)?;
            kernel.complain("-----\n");
            modulus
        }
    };
    let subject = subject(line.value("subj").ok_or(NO_SUBJECT)?)?;
    let mut own =
        Certificate { subject, alternatives: alternatives(line), modulus, ..Certificate::default() };
    own.signature = digits(kernel, 256);
    if !line.has("x509") {
        return write(kernel, line.value("out"), pem("CERTIFICATE REQUEST", &own.encode_request()), 0o644);
    }
    own.issuer = own.subject.clone();
    (own.signer, own.authority) = (key_id(&own.modulus), true);
    issue(kernel, line, own)
}

fn digits(kernel: &mut Kernel<'_>, count: usize) -> Vec<u8> {
    (0..count).map(|_| kernel.random().below(255) as u8 + 1).collect()
}

/// Dates, numbers and writes a certificate.
fn issue(kernel: &mut Kernel<'_>, line: &Line, mut own: Certificate) -> Result<()> {
    let days = line.value("days").and_then(|own| own.parse().ok()).unwrap_or(30);
    own.from = kernel.date();
    own.until = Date(own.from.0 + days * DAY);
    own.serial = digits(kernel, 20);
    own.serial[0] &= 0x7f;
    own.serial[0] |= 0x10;
    write(kernel, line.value("out"), pem("CERTIFICATE", &own.encode()), 0o644)
}

fn x509(kernel: &mut Kernel<'_>, line: &Line) -> Result<()> {
    if line.has("req") {
        let text = input(kernel, line, "certificate request")?;
        let der = from_pem(&text, "CERTIFICATE REQUEST");
        let mut own =
            der.as_deref().and_then(Certificate::decode).ok_or("Unable to load certificate request input")?;
        let told = show::name(kernel, &own.subject);
        kernel.complain(format!("Certificate request self-signature ok\nsubject={told}\n"));
        match (line.value("CA"), line.value("signkey").or(line.value("key"))) {
            (Some(path), _) => {
                let issuer = certificate_in(kernel, path)?;
                let by = key_in(kernel, line.value("CAkey").unwrap_or(path))?;
                if by != issuer.modulus {
                    return Err("CA certificate and CA private key do not match".into());
                }
                (own.issuer, own.signer) = (issuer.subject, key_id(&issuer.modulus));
            }
            (None, Some(path)) => {
                key_in(kernel, path)?;
                (own.issuer, own.signer) = (own.subject.clone(), key_id(&own.modulus));
            }
            _ => return Err("We need a private key to sign with".into()),
        }
        // Extensions of a request are not copied without being asked for.
        if line.value("copy_extensions").is_none() {
            own.alternatives.clear();
        }
        own.signature = digits(kernel, 256);
        return issue(kernel, line, own);
    }
    let text = input(kernel, line, "certificate")?;
    let der = from_pem(&text, "CERTIFICATE");
    let own = der.as_deref().and_then(Certificate::decode);
    let own = own.ok_or_else(|| {
        format!(
            "Could not read certificate from {}\nUnable to load certificate",
            line.value("in").unwrap_or("<stdin>")
        )
    })?;
    let shown = show::shown(kernel, line, &own, false);
    kernel.print(shown);
    match line.has("noout") {
        true => Ok(()),
        false => write(kernel, line.value("out"), pem("CERTIFICATE", &own.encode()), 0o644),
    }
}

fn certificate_in(kernel: &mut Kernel<'_>, path: &str) -> Result<Certificate> {
    let text = read(kernel, path, "certificate")?;
    let der = from_pem(&text, "CERTIFICATE");
    der.as_deref()
        .and_then(Certificate::decode)
        .ok_or_else(|| format!("Could not read certificate from {path}"))
}

fn verify(kernel: &mut Kernel<'_>, line: &Line) -> Result<()> {
    let path = line.words.last().map(|word| word.to_string()).unwrap_or_default();
    let own = certificate_in(kernel, &path)?;
    let authority = line.value("CAfile").map(str::to_owned);
    let by = authority.map(|path| certificate_in(kernel, &path)).transpose()?;
    if by.is_some_and(|by| key_id(&by.modulus) == own.signer && by.subject == own.issuer) {
        kernel.print(format!("{path}: OK\n"));
        return Ok(());
    }
    let told = show::name(kernel, &own.subject);
    let (code, why) = match own.issuer == own.subject {
        true => (18, "self-signed certificate"),
        false => (20, "unable to get local issuer certificate"),
    };
    Err(format!("{told}\nerror {code} at 0 depth lookup: {why}\nerror {path}: verification failed"))
}
