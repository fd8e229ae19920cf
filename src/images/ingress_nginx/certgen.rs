//! `/kube-webhook-certgen`: makes the Secret that holds the certificate of a webhook.

use crate::api::{Kind, ObjectKey, base64};
use crate::apiserver::ApiServer;
use crate::container::kernel::Kernel;
use crate::programs::flags::flag;
use crate::value;

/// Runs `create` or `patch`; the exit status.
pub(super) fn run(kernel: &mut Kernel<'_>, api: &mut ApiServer) -> u8 {
    let argv = kernel.argv();
    let said = |name: &str| flag(&argv, name).unwrap_or_default();
    let (namespace, secret) = (said("--namespace"), said("--secret-name"));
    let say = |kernel: &mut Kernel<'_>, level: &str, text: &str| {
        let date = kernel.date().rfc3339();
        kernel.complain(format!(
            "{{\"level\":\"{level}\",\"msg\":\"{text}\",\"source\":\"cmd/root.go\",\"time\":\"{date}\"}}\n"
        ));
    };
    match argv.get(1).map(|word| &**word) {
        Some("create") => {
            if api.get(&ObjectKey::new(Kind::Secret, namespace, secret)).is_some() {
                say(kernel, "info", "secret already exists");
                return 0;
            }
            say(kernel, "info", "creating new secret");
            let made =
                base64::encode(b"(Saya makes no certificate here: the API server calls no webhooks.)\n");
            let data = value!({"ca": (made.as_str()), "cert": (made.as_str()), "key": (made.as_str())});
            let body = value!({
                "apiVersion": "v1",
                "kind": "Secret",
                "metadata": {"name": secret, "namespace": namespace},
                "type": "Opaque",
                "data": data,
            });
            match api.create(body, namespace, false) {
                Ok(_) => 0,
                Err(status) => {
                    say(kernel, "fatal", &status.message.replace('"', "'"));
                    1
                }
            }
        }
        Some("patch") => {
            let name = said("--webhook-name");
            say(
                kernel,
                "info",
                &format!(
                    "patching webhook configurations '{name}' mutating=false, validating=true, failurePolicy=Fail"
                ),
            );
            say(kernel, "info", "(Saya's API server calls no webhooks.)");
            0
        }
        _ => {
            say(kernel, "fatal", "Saya simulates create and patch");
            1
        }
    }
}
