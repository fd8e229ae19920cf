//! networking.k8s.io and discovery.k8s.io.

use super::core::{OBJECT_META, TYPED_REFERENCE};
use super::go_struct;
use super::pod::LABEL_SELECTOR;
use super::volume::OBJECT_REFERENCE;

go_struct! {
    pub(super) INGRESS {
        ObjectMeta metadata OBJECT_META always;
        Spec spec INGRESS_SPEC always;
    }
    INGRESS_SPEC {
        IngressClassName ingressClassName str ptr;
        DefaultBackend defaultBackend BACKEND ptr;
        TLS tls [TLS];
        Rules rules [RULE];
    }
    TLS {
        Hosts hosts [str];
        SecretName secretName str;
    }
    RULE {
        Host host str;
        HTTP http HTTP ptr;
    }
    HTTP {
        Paths paths [PATH] always;
    }
    PATH {
        Path path str;
        PathType pathType str ptr;
        Backend backend BACKEND always;
    }
    BACKEND {
        Service service BACKEND_SERVICE ptr;
        Resource resource TYPED_REFERENCE ptr;
    }
    BACKEND_SERVICE {
        Name name str always;
        Port port BACKEND_PORT;
    }
    BACKEND_PORT {
        Name name str;
        Number number int;
    }
    pub(super) INGRESS_CLASS {
        ObjectMeta metadata OBJECT_META always;
        Spec spec INGRESS_CLASS_SPEC always;
    }
    INGRESS_CLASS_SPEC {
        Controller controller str;
        Parameters parameters PARAMETERS ptr;
    }
    PARAMETERS {
        APIGroup apiGroup str ptr;
        Kind kind str always;
        Name name str always;
        Scope scope str ptr;
        Namespace namespace str ptr;
    }
    pub(super) IP_ADDRESS {
        ObjectMeta metadata OBJECT_META always;
        Spec spec IP_ADDRESS_SPEC always;
    }
    IP_ADDRESS_SPEC {
        ParentRef parentRef PARENT_REFERENCE ptr;
    }
    PARENT_REFERENCE {
        Group group str;
        Resource resource str;
        Namespace namespace str;
        Name name str;
    }
    pub(super) SERVICE_CIDR {
        ObjectMeta metadata OBJECT_META always;
        Spec spec SERVICE_CIDR_SPEC always;
    }
    SERVICE_CIDR_SPEC {
        CIDRs cidrs [str];
    }
    pub(super) NETWORK_POLICY {
        ObjectMeta metadata OBJECT_META always;
        Spec spec NETWORK_POLICY_SPEC always;
    }
    NETWORK_POLICY_SPEC {
        PodSelector podSelector LABEL_SELECTOR always;
        Ingress ingress [INGRESS_RULE];
        Egress egress [EGRESS_RULE];
        PolicyTypes policyTypes [str];
    }
    INGRESS_RULE {
        Ports ports [POLICY_PORT];
        From from [PEER];
    }
    EGRESS_RULE {
        Ports ports [POLICY_PORT];
        To to [PEER];
    }
    POLICY_PORT {
        Protocol protocol str ptr;
        Port port ios ptr;
        EndPort endPort int ptr;
    }
    PEER {
        PodSelector podSelector LABEL_SELECTOR ptr;
        NamespaceSelector namespaceSelector LABEL_SELECTOR ptr;
        IPBlock ipBlock IP_BLOCK ptr;
    }
    IP_BLOCK {
        CIDR cidr str always;
        Except except [str];
    }
    pub(super) ENDPOINT_SLICE {
        ObjectMeta metadata OBJECT_META always;
        AddressType addressType str always;
        Endpoints endpoints [ENDPOINT] always;
        Ports ports [ENDPOINT_PORT] always;
    }
    ENDPOINT {
        Addresses addresses [str] always;
        Conditions conditions CONDITIONS always;
        Hostname hostname str ptr;
        TargetRef targetRef OBJECT_REFERENCE ptr;
        DeprecatedTopology deprecatedTopology {str};
        NodeName nodeName str ptr;
        Zone zone str ptr;
        Hints hints any ptr;
    }
    CONDITIONS {
        Ready ready bool ptr;
        Serving serving bool ptr;
        Terminating terminating bool ptr;
    }
    ENDPOINT_PORT {
        Name name str ptr;
        Protocol protocol str ptr;
        Port port int ptr;
        AppProtocol appProtocol str ptr;
    }
}
