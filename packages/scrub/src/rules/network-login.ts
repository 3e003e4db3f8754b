import { form, VALUE, type Form } from "./command-form.ts";

/** What devices, directories and stores of a network are told, in words of their own. */
export const NETWORK_LOGIN: readonly Form[] = [
  form(
    "agent-community",
    "rocommunity rwcommunity rocommunity6 rwcommunity6 trapcommunity",
    `^[ \\t]{1,8}(?!public\\b|private\\b)${VALUE}`,
    () => "rocommunity " + "hunter2 10.0.0.0/8",
  ),
  form(
    "agent-user",
    "createuser",
    `^[ \\t]{1,3}[\\w.-]{1,40}[ \\t]{1,3}(?:MD5|SHA[\\w-]{0,6})[ \\t]{1,3}${VALUE}`,
    () => "createUser bob SHA " + "hunter2 AES",
  ),
  form(
    "agent-user-privacy",
    "createuser",
    `^[ \\t]{1,3}[\\w.-]{1,40}[ \\t]{1,3}(?:MD5|SHA[\\w-]{0,6})[ \\t]{1,3}\\S{1,128}[ \\t]{1,3}(?:DES|AES[\\w-]{0,6})[ \\t]{1,3}${VALUE}`,
    () => "createUser bob SHA $auth AES " + "hunter2",
  ),
  form(
    "radius-test",
    "radtest",
    `^[ \\t]{1,3}(?:-[tx][ \\t]{1,3}(?:\\w{1,10}[ \\t]{1,3})?){0,2}[\\w.@-]{1,60}[ \\t]{1,3}${VALUE}[ \\t]`,
    () => "radtest bob " + "hunter2 10.0.0.1 0 testing",
  ),
  form(
    "radius-test-secret",
    "radtest",
    `^[ \\t]{1,3}[\\w.@-]{1,60}[ \\t]{1,3}\\S{1,128}[ \\t]{1,3}[\\w.:-]{1,60}[ \\t]{1,3}\\d{1,5}[ \\t]{1,3}${VALUE}`,
    () => "radtest bob $pass 10.0.0.1 0 " + "hunter2",
  ),
  form(
    "wireless-key",
    "hostednetwork iwconfig",
    `[ \\t]key[= \\t][ \\t]{0,2}(?:s:)?${VALUE}`,
    () => "netsh wlan set hostednetwork ssid=x key=" + "hunter22",
  ),
  form(
    "wireless-profile",
    "keymaterial>",
    `^(?<bare>[^<\\n]{4,128})<`,
    () => "<keyMaterial>" + "hunter22</keyMaterial>",
  ),
  form(
    "escaped-element",
    "password&gt; passwd&gt; passphrase&gt; secret&gt;",
    `^(?<bare>[^&\\s<]{4,128})&lt;/`,
    () => "&lt;password&gt;" + "hunter22&lt;/password&gt;",
  ),
  form(
    "directory-password",
    "userpassword::",
    `^[ \\t]{0,3}(?<bare>[A-Za-z0-9+/]{4,200}={0,2})[ \\t]{0,3}(?:\\r?$|["'\\\\])`,
    () => "userPassword:: " + btoa("hunter2"),
  ),
  form(
    "store-user",
    "acl~setuser",
    `^[ \\t]{1,3}[\\w.-]{1,60}(?:[ \\t]{1,3}[\\w~&*@+-]{1,40}){0,6}?[ \\t]{1,3}>(?<bare>[^\\s"']{1,128})`,
    () => "ACL SETUSER bob on >" + "hunter2 ~* +@all",
  ),
  form(
    "transfer-login",
    "lftp",
    `[ \\t]-u[ \\t]{1,3}['"]?[\\w.@-]{1,60},${VALUE}`,
    () => "lftp -u bob," + "hunter2 ftp.example.com",
  ),
  form(
    "remote-shell",
    "winrs ktpass",
    `[ \\t][-/]p(?:ass|assword)?[: \\t]${VALUE}`,
    () => "winrs -r:srv -u:bob -p:" + "hunter2 dir",
  ),
  form(
    "registry-value",
    "defaultpassword",
    `^[ \\t]{1,8}REG_SZ[ \\t]{1,8}(?<bare>\\S{1,128})`,
    () => "DefaultPassword    REG_SZ    " + "hunter2",
  ),
];
