package dev.coracle.nodeagent.server;

import java.security.cert.X509Certificate;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/** Who a client is, by its certificate: each organization in its subject is a group. */
final class ClientIdentity {

    private static final String ADMINISTRATORS = "system:masters";

    private ClientIdentity() {}

    static boolean isAdministrator(SSLSession session) {
        try {
            X509Certificate certificate = (X509Certificate) session.getPeerCertificates()[0];
            return new LdapName(certificate.getSubjectX500Principal().getName())
                    .getRdns().stream()
                            .anyMatch(part ->
                                    part.getType().equalsIgnoreCase("O")
                                            && part.getValue().equals(ADMINISTRATORS));
        } catch (SSLPeerUnverifiedException | InvalidNameException _) {
            return false;
        }
    }
}
