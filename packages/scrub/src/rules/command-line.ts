import { RANK, type Rule } from "../engine/rule.ts";
import { isAlnum, startsWord } from "../text/characters.ts";
import { isFolder } from "../keys/secret-key.ts";
import { isHarmless, isLabel } from "../keys/value.ts";
import { argumentsBehind } from "./argument-list.ts";
import { form, VALUE, type Form } from "./command-form.ts";
import { NETWORK_LOGIN } from "./network-login.ts";

/** One argument of a call: a literal or a name. */
const ARGUMENT = `(?:[brfu@]?'[^'\\n]{0,128}'|[brfu@]?"[^"\\n]{0,128}"|(?:Object|resource)\\([\\w\\\\]{1,80}\\)|Resource id #\\d{1,10}|[$\\w.>[\\]-]{1,48})`;

/**
 * Commands and calls that take a password in a place of their own, without a word that says so.
 * The pattern runs on what stands behind the keyword, on the same (continued) line.
 */
const FORMS: readonly Form[] = [
  form(
    "curl-user",
    "curl wget xh aria2c etcdctl",
    `(?:^|[ \\t])(?:-u|-U|--user|--proxy-user)(?:[ \\t]{1,3}|=)?(?:'[^\\s:'"$]{1,64}:(?<q1>[^'\\n]{1,128})'|"[^\\s:'"$]{1,64}:(?<q2>[^"\\n]{1,128})"|['"]?[^\\s:'"$]{1,64}:(?<bare>[^\\s'"|;&<>()]{1,128}))`,
    () => "curl -u bob:" + "hunter2 https://example.com",
  ),
  form(
    "mysql-password",
    "mysql mysqldump mysqladmin mysqlimport mycli mariadb 7z 7za 7zr rar unrar",
    `[ \\t]-p(?![,=[|/])${VALUE}`,
    () => "mysql -u root -p" + "hunter2 shop",
  ),
  form(
    "login-password",
    "sshpass mongo mongosh mongodump mongorestore mongoexport cqlsh rdesktop clickhouse-client psexec az~login oc~login cf~login influx",
    `[ \\t]-p(?:[ \\t]{1,3})?${VALUE}`,
    () => "sshpass -p " + "hunter2 ssh bob@host",
  ),
  // `-p` publishes a port or names a project to every other command of these.
  form(
    "registry-login",
    "docker podman helm nerdctl buildah skopeo oras crane regctl",
    `^(?:[ \\t]{1,3}[\\w./:=-]{1,60}){0,4}?[ \\t]{1,3}login(?:[ \\t]{1,3}[^\\s|;&]{1,100}){0,6}?[ \\t]-p(?:[ \\t]{1,3}|=)?${VALUE}`,
    () => "docker login -u bob -p " + "hunter2 registry.example.com",
  ),
  form(
    "redis-cli-password",
    "redis-cli valkey-cli keydb-cli",
    `[ \\t]-a[ \\t]{1,3}${VALUE}`,
    () => "redis-cli -a " + "hunter2 ping",
  ),
  form(
    "ldap-password",
    "ldapsearch ldapmodify ldapadd ldapdelete ldapwhoami ldappasswd",
    `[ \\t]-w[ \\t]{0,3}${VALUE}`,
    () => "ldapsearch -D cn=admin -w " + "hunter2 -b dc=x",
  ),
  form(
    "smb-password",
    "smbclient rpcclient smbmap wmic winexe mount.cifs",
    `[ \\t]-U[ \\t]{0,3}['"]?[^\\s%'"]{1,64}%${VALUE}`,
    () => "smbclient //h/s -U bob%" + "hunter2",
  ),
  form(
    "sqlcmd-password",
    "sqlcmd osql bcp ipmitool mosquitto_pub mosquitto_sub unzip zip",
    `[ \\t]-P[ \\t]{0,3}${VALUE}`,
    () => "sqlcmd -S db -U sa -P " + "hunter2",
  ),
  form(
    "net-user-password",
    "net~user",
    `^[ \\t]{1,3}[\\w.-]{1,40}[ \\t]{1,3}${VALUE}[ \\t]{1,3}/`,
    () => "net user bob " + "hunter2 /add",
  ),
  form(
    "net-use-password",
    "net~use",
    `^[ \\t]{1,3}(?:\\S{1,40}[ \\t]{1,3})?\\\\\\\\\\S{1,80}[ \\t]{1,3}(?!/)${VALUE}[ \\t]{1,3}/`,
    () => "net use Z: \\\\srv\\share " + "hunter2 /user:bob",
  ),
  form(
    "net-use-user",
    "net~use",
    `^[ \\t]{1,3}(?:\\S{1,40}[ \\t]{1,3})?\\\\\\\\\\S{1,80}[ \\t]{1,3}/user:\\S{1,80}[ \\t]{1,3}(?!/)${VALUE}`,
    () => "net use Z: \\\\srv\\share /user:bob " + "hunter2",
  ),
  form(
    "snmp-client",
    "snmpwalk snmpget snmpset snmpgetnext snmpbulkwalk snmpbulkget snmptrap snmpinform snmptable snmpdf snmpstatus onesixtyone",
    `[ \\t]-(?:c|A|X)[ \\t]{0,3}(?!public\\b|private\\b)${VALUE}`,
    () => "snmpwalk -v2c -c " + "hunter2 host system",
  ),
  form(
    "snmp-privacy",
    "snmpwalk snmpget snmpset snmpgetnext snmpbulkwalk snmpbulkget snmptrap snmpinform snmptable",
    `[ \\t]-X[ \\t]{0,3}${VALUE}`,
    () => "snmpget -v3 -A " + "hunter22 -X " + "hunter23 host",
  ),
  form(
    "curl-option",
    "curlopt_userpwd curlopt_proxyuserpwd",
    `^["']?[ \\t]{0,3}(?:,|=>|=)[ \\t]{0,3}(?:"[^":\\n]{1,64}:(?<q2>[^"\\n]{1,128})"|'[^':\\n]{1,64}:(?<q1>[^'\\n]{1,128})')`,
    () => 'curl_easy_setopt(c, CURLOPT_USERPWD, "bob:' + 'hunter2");',
  ),
  // The text of a code that a phone reads to join a network.
  form(
    "wifi-code",
    "wifi:",
    `^(?:[A-Z]{1,2}:(?:\\\\.|[^;\\\\\\n]){0,64};){0,6}?P:(?<bare>(?:\\\\.|[^;\\\\\\n]){1,128});`,
    () => "WIFI:T:WPA;S:home;P:" + "hunter2;;",
  ),
  // Whoever is named right in front signs in with it. Ports, paths and plain words follow `-p` of other commands.
  form(
    "user-and-password",
    "-u~ -n~ -user~ -username~",
    `^[ \\t]{0,3}[\\w.@\\\\-]{1,64}[ \\t]{1,3}-{1,2}(?:p|P|w|pw|pass)[ \\t]{1,3}(?=[^\\s'"/\\\\]*\\d)(?=[^\\s/\\\\]*[A-Za-z])(?<bare>[^\\s'"|;&<>()/\\\\=]{6,128})(?=[ \\t]|\\r?$|["'])`,
    () => "twine upload -u bob -p " + "hunter2x dist/*",
  ),
  form(
    "ldap-new-password",
    "ldappasswd",
    `[ \\t]-(?:s|a)[ \\t]{1,3}${VALUE}`,
    () => "ldappasswd -D cn=admin -s " + "hunter2 uid=bob",
  ),
  form(
    "sign-password",
    "signtool certutil xfreerdp",
    `[ \\t][-/]p[ \\t]{1,3}${VALUE}(?=[ \\t])`,
    () => "signtool sign /f c.pfx /p " + "hunter2 a.exe",
  ),
  form(
    "join-password",
    "ipa-client-install ipa-replica-install ipa-server-install",
    `[ \\t]-w[ \\t]{1,3}${VALUE}`,
    () => "ipa-client-install -p admin -w " + "hunter2 -U",
  ),
  // A user of the store or of a host, and his password.
  form(
    "named-user-password",
    "samba-tool~user~create samba-tool~user~add http-basic mc~alias~set",
    `^(?:[.][\\w.-]{1,60}[ \\t]{1,3}\\S{1,60}|[ \\t]{1,3}\\S{1,40}[ \\t]{1,3}https?:\\S{1,100}[ \\t]{1,3}\\S{1,60}|[ \\t]{1,3}[\\w.-]{1,60})[ \\t]{1,3}(?!-)${VALUE}`,
    () => "poetry config http-basic.shop bob " + "hunter2",
  ),
  form(
    "colon-pair",
    "addauth~digest stats~auth bundle~config http~-a https~-a etcdctl~user~add",
    `^[ \\t]{1,3}(?:[\\w.-]{1,80}[.]\\w{2,12}[ \\t]{1,3})?[\\w.-]{1,60}:${VALUE}(?=[ \\t]{0,4}(?:\\r?$|["'])|[ \\t])`,
    () => "addauth digest bob:" + "hunter2",
  ),
  form(
    "installer-password",
    "rootpw",
    `^[ \\t]{1,3}--plaintext[ \\t]{1,3}${VALUE}`,
    () => "rootpw --plaintext " + "hunter2",
  ),
  // The first password and the user it belongs to, in what a new machine is told.
  form(
    "credential-list",
    "chpasswd:",
    `^\\s{1,20}(?:expire:[^\\n]{1,20}\\n\\s{1,20})?list:[ \\t]{0,3}\\|?\\s{1,20}(?:-[ \\t])?[\\w.-]{1,40}:${VALUE}`,
    () => "chpasswd:\n  list: |\n    bob:" + "hunter2",
  ),
  form(
    "domain-login",
    "psexec.py wmiexec.py smbexec.py secretsdump.py atexec.py dcomexec.py getuserspns.py getnpusers.py smbclient.py mssqlclient.py",
    `^[ \\t]{1,3}(?:-[\\w-]{1,20}[ \\t]{1,3}){0,4}['"]?(?:[\\w.-]{1,60}[/\\\\])?[\\w.$-]{1,60}:(?<bare>[^\\s'"/]{1,64})@`,
    () => "psexec.py ACME/bob:" + "hunter2@host",
  ),
  form("useradd-password", "useradd usermod", `[ \\t]-p[ \\t]{1,3}${VALUE}`, () => "useradd -p " + "hunter2 bob"),
  form(
    "openssl-key",
    "openssl~enc",
    `[ \\t]-(?:k|K)[ \\t]{1,3}${VALUE}`,
    () => "openssl enc -aes-256-cbc -k " + "hunter2 -in a",
  ),
  form(
    "rabbitmq-password",
    "rabbitmqctl",
    `[ \\t](?:add_user|change_password)[ \\t]{1,3}[\\w.-]{1,40}[ \\t]{1,3}${VALUE}`,
    () => "rabbitmqctl add_user bob " + "hunter2",
  ),
  form(
    "htpasswd-password",
    "htpasswd",
    `[ \\t]-[a-zA-Z]{0,4}b[a-zA-Z]{0,4}[ \\t]{1,3}\\S{1,80}[ \\t]{1,3}[\\w.-]{1,40}[ \\t]{1,3}${VALUE}`,
    () => "htpasswd -cb .htpasswd bob " + "hunter2",
  ),
  form("putty-password", "plink pscp psftp putty", `[ \\t]-pw[ \\t]{1,3}${VALUE}`, () => "plink -pw " + "hunter2 host"),
  form("rdp-password", "xfreerdp wfreerdp", `[ \\t]/p:${VALUE}`, () => "xfreerdp /u:bob /p:" + "hunter2"),
  form(
    "keystore-password",
    "-storepass -keypass -srcstorepass -deststorepass",
    `^[ \\t]{1,3}${VALUE}`,
    () => "keytool -storepass " + "hunter2",
  ),
  form(
    "openssl-password",
    "-passin -passout -pass~pass:",
    `^(?:[ \\t]{1,3}pass:)?${VALUE}`,
    () => "openssl rsa -passin pass:" + "hunter2",
  ),
  form(
    "piped-password",
    "echo printf",
    `^[ \\t]{1,3}(?:-[a-z]{1,3}[ \\t]{1,3})?${VALUE}[ \\t]{0,3}\\|[ \\t]{0,3}(?:sudo[ \\t]{1,3})?(?:passwd|chpasswd|sudo[ \\t]{1,3}-S|docker[ \\t]login|kinit|su\\b|gpg|openssl|cryptsetup|htpasswd)`,
    () => "echo " + "hunter2 | passwd --stdin bob",
  ),
  form(
    "secure-string",
    "convertto-securestring",
    `^(?:[ \\t]{1,3}-(?:String|Force|AsPlainText)){0,3}[ \\t]{1,3}(?:(?:\\\\"(?<escaped>[^"\\n\\\\]{1,128})\\\\")|${VALUE}(?=[ \\t]{1,3}-(?:As|F)|[ \\t]{0,3}(?:[);]|\\r?$)))`,
    () => 'ConvertTo-SecureString "' + 'hunter2" -AsPlainText -Force',
  ),
  form(
    "sql-identified-by",
    "identified~by",
    `^(?:[ \\t]{1,3}(?:password|values?))?[ \\t]{0,3}(?:\\\\?'(?<q1>[^'\\n\\\\]{1,128})\\\\?'|\\\\?"(?<q2>[^"\\n\\\\]{1,128})\\\\?")`,
    () => "CREATE USER bob IDENTIFIED BY '" + "hunter2'",
  ),
  form(
    "sql-identified-bare",
    "create~user alter~user",
    `^[ \\t]{1,3}(?:[iI][fF] [nN][oO][tT] [eE][xX][iI][sS][tT][sS] )?\\S{1,80}(?:[ \\t][A-Z]{2,20}){0,4}[ \\t]{1,3}(?:IDENTIFIED|Identified|identified)[ \\t]{1,3}(?:BY|By|by)[ \\t]{1,3}(?!(?:VALUES?|values?|RANDOM|random)\\b)(?<bare>[^\\s'"\`\\\\;&|<>(),.]{3,128})(?=[;\\s'"\\\\),]|$)`,
    () => "ALTER USER bob IDENTIFIED BY " + "hunter2;",
  ),
  form(
    "sql-identified-with",
    "identified~with",
    `^[ \\t]{1,3}['"\`]?\\w{1,40}['"\`]?[ \\t]{1,3}(?:BY|AS|by|as)[ \\t]{1,3}(?:'(?<q1>[^'\\n]{1,128})'|"(?<q2>[^"\\n]{1,128})")`,
    () => "ALTER USER bob IDENTIFIED WITH mysql_native_password BY '" + "hunter2'",
  ),
  form(
    "password-directive",
    "requirepass masterauth bindpw rootpw",
    `^[ \\t]{1,8}${VALUE}[ \\t]{0,4}(?:\\r?$|["'])`,
    () => "requirepass " + "hunter2",
  ),
  // Network devices write how the password is disguised in front of it, and every disguise but the hashes can be undone.
  form(
    "device-password",
    "password~0 secret~0 key~0",
    `^[ \\t]{1,3}(?<bare>[0-9A-Fa-f]{6,128}|[$./A-Za-z0-9]{20,128})[ \\t]{0,4}(?:\\r?$|["'])`,
    () => "neighbor 10.0.0.1 password 7 " + "0822455D0A16",
  ),
  // In the clear, and behind a user's name of any disguise.
  form(
    "device-login",
    "enable~secret enable~password chap~password pap~password",
    `^[ \\t]{1,3}(?:0[ \\t]{1,3})?(?!\\d[ \\t])${VALUE}[ \\t]{0,4}(?:\\r?$|["'])`,
    () => "enable secret 0 " + "hunter2",
  ),
  form(
    "device-user",
    "username",
    `^[ \\t]{1,3}[\\w.-]{1,40}[ \\t]{1,3}(?:privilege[ \\t]\\d{1,2}[ \\t]{1,3})?(?:password|secret)[ \\t]{1,3}(?:\\d{1,2}[ \\t]{1,3})?(?<bare>[^\\s'"|;&<>()]{4,128})[ \\t]{0,4}(?:\\r?$|["'])`,
    () => "username bob privilege 15 secret " + "hunter2",
  ),
  form(
    "device-server-key",
    "radius-server~host tacacs-server~host",
    `^[ \\t]{1,3}[\\w.:-]{1,60}(?:[ \\t]{1,3}(?:auth-port|acct-port|timeout|port|retransmit)[ \\t]{1,3}\\d{1,5}){0,4}[ \\t]{1,3}key[ \\t]{1,3}(?:[0-8][ \\t]{1,3})?${VALUE}`,
    () => "radius-server host 10.0.0.1 key " + "hunter2",
  ),
  // What routers are told: keys of tunnels and of login servers, communities with a right to write.
  form(
    "device-key",
    "tacacs-server~key radius-server~key isakmp~key pac~key",
    `^[ \\t]{1,3}(?:[0-8][ \\t]{1,3})?${VALUE}`,
    () => "radius-server key 7 " + "hunter2",
  ),
  form(
    "device-community",
    "snmp-server~community",
    `^[ \\t]{1,3}${VALUE}[ \\t]{1,3}(?:RW|rw)(?!\\w)`,
    () => "snmp-server community " + "pr1vate RW",
  ),
  // User and password in quotes of their own, no user, or a key as the user of an empty password.
  form(
    "curl-user-quoted",
    "curl wget",
    `(?:^|[ \\t])(?:-u|--user)(?:[ \\t]{1,3}|=)?(?:["']?[^\\s:'"$]{1,64}["']?:(?:'(?<q1>[^'\\n$]{1,128})'|"(?<q2>[^"\\n$]{1,128})")|["']?:(?<bare>[^\\s'"|;&<>()]{1,128}))`,
    () => "curl -u bob:'" + "hunter2' https://example.com",
  ),
  form(
    "curl-key",
    "curl wget",
    `(?:^|[ \\t])(?:-u|--user)(?:[ \\t]{1,3}|=)?['"]?(?<bare>[^\\s:'"$<[{]{12,128}):['"]?(?=[ \\t\\r\\n]|$)`,
    () => "curl -u " + "hunter2hunter2: https://example.com",
  ),
  // Calls that take an address, a user and a password in this order.
  form(
    "credential-triple",
    "directoryentry( getconnection( imap_open( ldap_bind( ldap_bind_ext( ftp_login( ssh2_auth_password( odbc_connect( sqlsrv_connect( dbi.connect( mysql_pconnect( mysqli_connect( mysqli_change_user( pdo->__construct( mysqli->__construct( mysqli->real_connect( mysqli->connect( pdo::connect( sequelize(",
    `^\\s{0,8}${ARGUMENT}\\s{0,8},\\s{0,12}${ARGUMENT}\\s{0,8},\\s{0,12}[brfu@]?(?:'(?<q1>[^'\\n]{4,128})'|"(?<q2>[^"\\n]{4,128})")\\s{0,8}[,)]`,
    () => 'ldap_bind(conn, "cn=bob", "' + 'hunter2")',
  ),
  // An address of a database says that a user and a password follow, whatever is called.
  form(
    "credential-behind-address",
    ["mysql", "pgsql", "sqlsrv", "oci", "odbc", "dblib", "mariadb", "ibm", "informix", "firebird", "jdbc", "dbi"]
      .flatMap((driver) => [`'${driver}:`, `"${driver}:`])
      .join(" "),
    `^[^'"\\s]{0,200}['"]\\s{0,8},\\s{0,12}${ARGUMENT}\\s{0,8},\\s{0,12}(?:'(?<q1>[^'\\n]{1,128})'|"(?<q2>[^"\\n]{1,128})")\\s{0,8}[,)]`,
    () => "Connector->createPdoConnection('mysql:host=db;p...', 'shop', '" + "hunter22', Array)",
  ),
  // A user and a password, and only then which database and where.
  form(
    "credential-second",
    "wpdb->__construct( cx_oracle.connect( oracledb.connect( oci_connect( oci_pconnect( oci_new_connect(",
    `^\\s{0,8}${ARGUMENT}\\s{0,8},\\s{0,12}(?:'(?<q1>[^'\\n]{1,128})'|"(?<q2>[^"\\n]{1,128})")\\s{0,8}[,)]`,
    () => "wpdb->__construct('shop', '" + "hunter22', 'wp', 'localhost')",
  ),
  // Neo4j changes one for another.
  form(
    "sql-old-password",
    "set~password",
    `^[ \\t]{1,3}(?:FROM|From|from)[ \\t]{1,3}(?:'(?<q1>[^'\\n\\\\]{1,128})'|"(?<q2>[^"\\n\\\\]{1,128})")`,
    () => "SET PASSWORD FROM '" + "hunter2' TO $new",
  ),
  form(
    "sql-new-password",
    "set~password",
    `^[ \\t]{1,3}(?:FROM|From|from)[ \\t]{1,3}(?:'[^'\\n]{1,128}'|"[^"\\n]{1,128}"|[$]\\w{1,40})[ \\t]{1,3}(?:TO|To|to)[ \\t]{1,3}(?:'(?<q1>[^'\\n\\\\]{1,128})'|"(?<q2>[^"\\n\\\\]{1,128})")`,
    () => "SET PASSWORD FROM $old TO '" + "hunter2'",
  ),
  form(
    "sql-cipher-key",
    "pragma~key pragma~rekey",
    `^[ \\t]{0,3}=[ \\t]{0,3}(?:'(?<q1>[^'\\n]{1,128})'|"(?<q2>[^"\\n]{1,128})")`,
    () => "PRAGMA key = '" + "hunter2'",
  ),
  form(
    "sql-set-password",
    "set~password",
    `^(?:[ \\t]{1,3}(?:FOR|For|for)[ \\t]{1,3}[^=\\n]{1,80}?)?[ \\t]{0,3}=[ \\t]{0,3}(?:(?:OLD_)?(?:PASSWORD|Password|password)\\()?(?:\\\\?'(?<q1>[^'\\n\\\\]{1,128})|\\\\?"(?<q2>[^"\\n\\\\]{1,128}))`,
    () => "SET PASSWORD FOR 'bob'@'%' = '" + "hunter2'",
  ),
  form(
    "credential-fourth",
    "mysqli_real_connect(",
    `^\\s{0,8}(?:Object\\([\\w\\\\]{1,80}\\)|\\$\\w{1,40})\\s{0,8},\\s{0,12}${ARGUMENT}\\s{0,8},\\s{0,12}${ARGUMENT}\\s{0,8},\\s{0,12}(?:'(?<q1>[^'\\n]{4,128})'|"(?<q2>[^"\\n]{4,128})")\\s{0,8}[,)]`,
    () => "mysqli_real_connect(Object(mysqli), 'db', 'shop', '" + "hunter22')",
  ),
  // The first argument is the password.
  form(
    "credential-first",
    "password_verify( password_hash( password_needs_rehash( openssl_pbkdf2( pbkdf2sync( scryptsync( bcrypt.hash( bcrypt.compare( bcrypt.hashsync( bcrypt.comparesync( bcrypt.hashpw( bcrypt.checkpw( argon2.verify( argon2.hash( hmac.new( hmac.digest(",
    `^\\s{0,8}[brfu]?(?:'(?<q1>[^'\\n]{4,128})'|"(?<q2>[^"\\n]{4,128})")\\s{0,8}[,).]`,
    () => "password_verify('" + "hunter22', '$2y$10$abc...')",
  ),
  form(
    "hmac-key",
    "createhmac( hash_hmac( hmac.hexdigest( hmac.digest(",
    `^\\s{0,8}["']\\w[\\w-]{1,20}["']\\s{0,8},\\s{0,12}(?:[$\\w.>-]{1,40}\\s{0,8},\\s{0,12})?(?:'(?<q1>[^'\\n]{4,128})'|"(?<q2>[^"\\n]{4,128})")\\s{0,8}[,)]`,
    () => "createHmac('sha256', '" + "hunter22')",
  ),
  form(
    "credential-rpc",
    "login_with_api_key login_with_token login_with_password",
    `^["'],\\s{0,8}["']params["']\\s{0,4}:\\s{0,4}\\[\\s{0,40}(?:'(?<q1>[^'\\n]{4,128})'|"(?<q2>[^"\\n]{4,128})")`,
    () => '{"method": "auth.login_with_token", "params": ["' + 'hunter2"]}',
  ),
  form(
    "psexec-password",
    "psexec psexec64 paexec",
    `[ \\t]-p[ \\t]{1,3}${VALUE}`,
    () => "paexec -u bob -p " + "hunter2 cmd",
  ),
  form(
    "oracle-login",
    "oracle:thin sqlplus sqlldr impdp expdp rman",
    `^(?::|[ \\t]{1,3}(?:-[A-Za-z]{1,3}[ \\t]{1,3}){0,3})[\\w$]{1,40}/(?<bare>[^@\\s"'/]{1,64})@`,
    () => "sqlplus scott/" + "hunter2@db",
  ),
  form(
    "credential-pair",
    "networkcredential( usernamepasswordtoken( usernamepasswordcredentials( passwordauthentication( withcredentials( httpbasicauth( httpdigestauth( creds~=~( credentials~=~( auth=( auth~=~( auth( wifi.begin( username_pw_set( basicauth( basic_auth( setbasicauth( set_basic_auth( login( signin( sign_in( authenticate( credentials( credential(",
    `^\\s{0,8}[brfu@]?["'][^"'\\n]{1,64}["']\\s{0,8},\\s{0,8}[brfu@]?(?:'(?<q1>[^'\\n]{4,128})'|"(?<q2>[^"\\n]{4,128})")(?:\\.toCharArray\\(\\))?\\s{0,8}\\)`,
    () => 'requests.get(url, auth=("bob", "' + 'hunter2"))',
  ),
  form(
    "credential-members",
    'auth":[ auth":~[ basic_auth":[ basicauth":[ credentials":[',
    `^\\s{0,40}"[^"\\n]{1,64}"\\s{0,2},\\s{0,40}"(?<q2>[^"\\n]{4,128})"\\s{0,40}\\]`,
    () => '{"auth":["bob","' + 'hunter22"]}',
  ),
  form(
    "database-login",
    "drivermanager.getconnection mysqli_connect mysql_connect new~mysqli new~pdo dbi->connect pymysql.connect mysqldb.connect",
    `^\\([^()\\n,]{1,200},[ \\t]{0,3}["'][^"'\\n]{0,64}["'],[ \\t]{0,3}(?:"(?<q2>[^"\\n]{1,128})"|'(?<q1>[^'\\n]{1,128})')[ \\t]{0,3}[,)]`,
    () => 'DriverManager.getConnection(url, "bob", "' + 'hunter2")',
  ),
  form(
    "jwt-secret",
    "jwt.sign jwt.verify jwt.encode jwt.decode",
    `^\\([^\\n"']{1,80},[ \\t]{0,3}(?:"(?<q2>[^"\\n]{4,128})"|'(?<q1>[^'\\n]{4,128})')`,
    () => "jwt.sign(payload, '" + "hunter22')",
  ),
  // strongSwan's file of secrets; the kind stands in front.
  form(
    "tunnel-secret",
    ":~eap :~xauth :~ntlm",
    `^[ \\t]{1,3}"(?<q2>[^"\\n]{1,128})"`,
    () => 'bob : EAP "' + 'hunter2"',
  ),
  form("task-password", "schtasks", `[ \\t]/rp[ \\t]{1,3}${VALUE}`, () => "schtasks /create /ru bob /rp " + "hunter2"),
  form(
    "nickserv-password",
    "nickserv",
    `^[ \\t]{1,3}:?(?:IDENTIFY|identify)[ \\t]{1,3}${VALUE}`,
    () => "NickServ :IDENTIFY " + "hunter2",
  ),
  form(
    "snmp-community",
    "snmp-server~community",
    `^[ \\t]{1,3}(?!public\\b|private\\b)${VALUE}`,
    () => "snmp-server community " + "hunter2 ro",
  ),
  form(
    "one-time-code",
    "verification~code one-time~code security~code login~code confirmation~code authentication~code",
    `^(?:[ \\t]{1,3}(?:is|was))?[ \\t]{0,3}[:=]?[ \\t]{1,3}(?<bare>\\d{4,8})(?![\\w:-]|\\.\\d)`,
    () => "verification code: " + "482913",
  ),
];

export const COMMAND_LINE: readonly Rule[] = [...FORMS, ...NETWORK_LOGIN].map(
  ({ name, keywords, pattern, refusal, example }) => ({
    name,
    type: "PASSWORD",
    rank: RANK.context,
    keywords,
    example,
    guard: (text, _start, end) => {
      const last = text.charCodeAt(end - 1);
      // A keyword that ends in a mark is one, whatever stands behind it.
      if (!isAlnum(last)) return true;
      const next = text.charCodeAt(end);
      return !((next >= 97 && next <= 122) || (next >= 48 && next <= 57) || next === 95);
    },
    find(text, start, end, lo, hi) {
      if (!startsWord(text, start, lo)) return null;
      let stop = end;
      for (; stop < hi; stop++) {
        if (text.charCodeAt(stop) !== 10) continue;
        const before = text.charCodeAt(stop - 1) === 13 ? stop - 2 : stop - 1;
        if (text.charCodeAt(before) !== 92 && text.charCodeAt(before) !== 96 && !name.startsWith("credential")) break;
      }
      // Calls have their own arguments.
      const list = name.startsWith("credential") ? null : argumentsBehind(text, end, hi);
      const rest = list?.line ?? text.slice(end, stop);
      // Nearly all are refused, and to say where groups stand costs much more than to say whether they do.
      if (!refusal.test(rest)) return null;
      const match = pattern.exec(rest)!;
      const groups = match.indices!.groups!;
      const span = groups["q1"] ?? groups["q2"] ?? groups["bare"] ?? groups["escaped"];
      if (span === undefined) return null;
      const from = end + (list?.places[span[0]] ?? span[0]);
      const to = list === null ? end + span[1] : end + list.places[span[1] - 1]! + 1;
      const value = text.slice(from, to);
      if (isHarmless(value) || isLabel(value) || isFolder(FOLDER, value) || /^(?:-|\$[({\w])/.test(value)) return null;
      return { start: from, end: to, open: to >= hi };
    },
    tail: (code) => code > 32 && code !== 34 && code !== 39 && code !== 96,
  }),
);

const FOLDER = { type: "PASSWORD", strong: true, isPassword: true, mayBeFolder: true };
