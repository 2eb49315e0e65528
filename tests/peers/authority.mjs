// authority.mjs - a certificate authority for one test, made by openssl, and certificates it signs.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';

function openssl(folder, ...args) {
  execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
}

/** In `folder`: ca.pem to trust, cert.pem and key.pem for `names` ("DNS:localhost", "IP:127.0.0.1"). */
export function makeAuthority(folder, names = ['DNS:localhost', 'IP:127.0.0.1']) {
  openssl(folder, 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'ca-key.pem',
    '-out', 'ca.pem', '-days', '2', '-subj', '/CN=Authority of a test', '-addext', 'basicConstraints=critical,CA:TRUE');
  openssl(folder, 'req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'key.pem', '-out',
    'request.pem', '-subj', '/CN=Server of a test');
  writeFileSync(path.join(folder, 'extensions'), `subjectAltName=${names.join(',')}\n`);
  openssl(folder, 'x509', '-req', '-in', 'request.pem', '-CA', 'ca.pem', '-CAkey', 'ca-key.pem', '-CAcreateserial', '-days', '2',
    '-extfile', 'extensions', '-out', 'cert.pem');
  const at = (name) => path.join(folder, name);
  return { ca: at('ca.pem'), certificate: at('cert.pem'), key: at('key.pem') };
}
