// mail.mjs - a mail server as a city has one: Exim takes mails by SMTP, Dovecot shows them by IMAP.
//
// Mailboxes: anna, bert, chris at example.test and at bücher.test, password "test" by IMAP. By SMTP with TLS the user "umlauf",
// password "geheim". Everybody else in these domains is unknown (550); "later@example.test" is put off (451).
import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { accounts, freePort, removeFolder, startProcess, temporaryFolder, until } from './process.mjs';
import { makeAuthority } from './authority.mjs';
import { Imap } from './imap.mjs';

const users = ['anna', 'bert', 'chris'];

function eximConfiguration(at, ports, who) {
  return `
exim_user = ${who.worker}
exim_group = ${who.workerGroup}
never_users =
spool_directory = ${at}/spool
log_file_path = ${at}/exim-%slog
pid_file_path = ${at}/exim.pid
keep_environment =
primary_hostname = mail.example.test
local_interfaces = 127.0.0.1
daemon_smtp_ports = ${ports.smtp} : ${ports.smtps}
tls_on_connect_ports = ${ports.smtps}
tls_advertise_hosts = *
tls_certificate = ${at}/cert.pem
tls_privatekey = ${at}/key.pem
smtp_accept_queue_per_connection = 0
host_lookup =
rfc1413_query_timeout = 0s
deliver_drop_privilege = ${who.isRoot ? 'false' : 'true'}
domainlist ours = example.test : xn--bcher-kva.test
acl_smtp_rcpt = recipient
acl_smtp_data = message
message_size_limit = 60M
begin acl
recipient:
  defer local_parts = later
        message = put off, come back later
  deny !domains = +ours
       message = relaying is not for you
  deny !local_parts = lsearch;${at}/users
       message = no such person here
  accept
message:
  accept
begin routers
ours:
  driver = accept
  domains = +ours
  local_parts = lsearch;${at}/users
  transport = maildir
begin transports
maildir:
  driver = appendfile
  maildir_format
  directory = ${at}/mail/$local_part_data
  create_directory
  envelope_to_add
  return_path_add
  user = ${who.worker}
  group = ${who.workerGroup}
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_set_id = $auth2
  server_advertise_condition = \${if def:tls_in_cipher}
  server_condition = \${if and{{eq{$auth2}{umlauf}}{eq{$auth3}{geheim}}}}
`;
}

function dovecotConfiguration(at, port, who) {
  const alone = ['anvil', 'stats', 'imap-login', 'auth'].map((name) => `service ${name} {\n  chroot =\n}`).join('\n');
  return `
base_dir = ${at}/run
state_dir = ${at}/state
log_path = ${at}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
default_internal_user = ${who.isRoot ? 'dovecot' : who.me}
default_internal_group = ${who.isRoot ? 'dovecot' : who.myGroup}
default_login_user = ${who.isRoot ? 'dovenull' : who.me}
first_valid_uid = 1
mail_location = maildir:${at}/mail/%n
passdb {
  driver = static
  args = password=test
}
userdb {
  driver = static
  args = uid=${who.worker} gid=${who.workerGroup} home=${at}/mail/%n
}
${who.isRoot ? '' : alone}
service imap-login {
  inet_listener imap {
    port = ${port}
  }
  inet_listener imaps {
    port = 0
  }
}
`;
}

/** Starts both. */
export async function startMail() {
  const folder = temporaryFolder('mail');
  const who = accounts();
  const ports = { smtp: await freePort(), smtps: await freePort(), imap: await freePort() };
  chmodSync(folder, 0o755);
  const authority = makeAuthority(folder);
  for (const name of ['spool', 'mail', 'run', 'state']) mkdirSync(path.join(folder, name), { mode: 0o755 });
  writeFileSync(path.join(folder, 'users'), users.map((name) => `${name}: ${name}\n`).join(''));
  writeFileSync(path.join(folder, 'exim.conf'), eximConfiguration(folder, ports, who), { mode: 0o644 });
  writeFileSync(path.join(folder, 'dovecot.conf'), dovecotConfiguration(folder, ports.imap, who));
  if (who.isRoot) {
    const [uid, gid] = ['-u', '-g'].map((flag) => Number(execFileSync('id', [flag, who.worker])));
    for (const name of ['spool', 'mail', 'key.pem', '.']) chownSync(path.join(folder, name), uid, gid);
  }
  const processes = [];
  const stop = async () => {
    for (const process of processes) await process.stop();
    removeFolder(folder);
  };
  try {
    processes.push(await startProcess('/usr/sbin/exim4', ['-C', path.join(folder, 'exim.conf'), '-bdf'],
      { port: ports.smtp, folder, log: path.join(folder, 'exim-mainlog') }));
    processes.push(await startProcess('/usr/sbin/dovecot', ['-F', '-c', path.join(folder, 'dovecot.conf')],
      { port: ports.imap, folder, log: path.join(folder, 'dovecot.log') }));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    folder,
    ports,
    authority,
    url: `smtp://127.0.0.1:${ports.smtp}`,
    stop,
    story: () => processes.map((process) => process.story()).join('\n'),
    /** All mails of a mailbox, raw, oldest first. */
    async read(user) {
      const imap = await Imap.connect(ports.imap, user, 'test');
      try {
        return await imap.messages();
      } finally {
        imap.close();
      }
    },
    /** Waits until the mailbox holds `count` mails and gives them parsed. */
    async wait(user, count = 1) {
      const raw = await until(`${count} mails for ${user}`, async () => {
        const mails = await this.read(user);
        return mails.length >= count ? mails : null;
      });
      return raw.map(parseMail);
    },
  };
}

/** By Python's mail parser, which shares nothing with ours: { headers, parts: [{ type, charset, disposition, filename, text | base64 }], raw }. */
export function parseMail(raw) {
  const script = `
import sys, json, base64, email, email.policy
mail = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.default)
parts = []
for part in mail.walk():
    if part.is_multipart():
        continue
    entry = {"type": part.get_content_type(), "charset": part.get_content_charset(),
             "disposition": part.get_content_disposition(), "filename": part.get_filename()}
    if part.get_content_maintype() == "text" and part.get_content_disposition() is None:
        entry["text"] = part.get_content()
    else:
        entry["base64"] = base64.b64encode(part.get_payload(decode=True)).decode()
    parts.append(entry)
names = {}
for name, value in mail.items():
    names.setdefault(name.lower(), []).append(str(value))
print(json.dumps({"headers": names, "parts": parts, "defects": [str(d) for d in mail.defects],
                  "type": mail.get_content_type()}))
`;
  const parsed = JSON.parse(execFileSync('python3', ['-c', script], { input: raw, maxBuffer: 1 << 28 }));
  return { ...parsed, raw: raw.toString('latin1') };
}
