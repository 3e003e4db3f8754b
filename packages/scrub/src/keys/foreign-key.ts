/**
 * What people who write no English call a password. The keyword table holds ASCII alone, so words
 * beyond it are searched by one pattern, and only in texts that have such letters.
 */
export const FOREIGN_KEY =
  /парол|лозинк|κωδικ[οό]ς πρόσβασης|συνθηματικ[οό]|סיסמ[הא]|كلمة (?:ال)?(?:مرور|سر)|رمز عبور|گذرواژه|पासवर्ड|পাসওয়ার্ড|รหัสผ่าน|密[码碼]|口令|パスワード|パスフレーズ|暗証番号|비밀번호|패스워드|비번|암호|hasł[oae]|şifre|parolă|lösenord|jelszó|mật khẩu|slaptažod|lykilorð|токен|トークン|토큰|令牌|密[钥鑰]/gi;

/** Whole words of scripts that put blanks between words, in the forms they take in a sentence. */
export const FOREIGN_PASSWORDS =
  "пароль пароля паролю паролем пароле пароли парола паролата лозинка лозинку συνθηματικό συνθηματικο סיסמה סיסמא הסיסמה گذرواژه पासवर्ड পাসওয়ার্ড hasło hasła hasłem şifre şifresi şifreniz parolă lösenord lösenordet jelszó slaptažodis lykilorð";

/** Two words that only together are a password. */
export const FOREIGN_PAIRS =
  "mật-khẩu kata-sandi كلمة-المرور كلمة-السر كلمة-مرور كلمة-سر رمز-عبور κωδικός-πρόσβασης κωδικος-πρόσβασης";

/** `数据库密码`: scripts without blanks write on; the word that counts comes last. */
const LAST_PASSWORD = /(?:密[码碼]|口令|パスワード|パスフレーズ|暗証番号|비밀번호|패스워드|비번|암호|รหัสผ่าน)$/;
const LAST_TOKEN = /(?:トークン|토큰|令牌|密[钥鑰]|токена?)$/;

export function foreignEnding(word: string): "password" | "token" | null {
  return LAST_PASSWORD.test(word) ? "password" : LAST_TOKEN.test(word) ? "token" : null;
}

/** Letters that a key of such a script goes on with. Scripts without blanks are left out: there a sentence goes on. */
export function isForeignLetter(code: number): boolean {
  return (
    (code >= 0xc0 && code <= 0x24f) ||
    (code >= 0x370 && code <= 0x6ff) ||
    (code >= 0x900 && code <= 0x9ff) ||
    (code >= 0x1e00 && code <= 0x1fff)
  );
}

/** Chinese, Japanese, Korean: no blank need stand in front of a key or behind a value. */
export function isEastAsian(code: number): boolean {
  return code >= 0x3000 && code <= 0xffef;
}

/** `密码是`, `パスワードは`, `비밀번호는`: "is", written on to the key. */
export function isParticle(char: string): boolean {
  return "是为為は는은".includes(char);
}

/** Words of another script and nothing that a keyboard for passwords has: a label or a message. */
export function isForeignText(value: string): boolean {
  return !/[A-Za-z0-9]/.test(value) && /[\u0370-\uffef]/.test(value);
}
