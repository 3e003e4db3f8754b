/**
 * Single words that stand behind "password:" and say something about it, in the languages whose
 * words for a password are known here. Lower case.
 */
export const PLAIN_WORDS: ReadonlySet<string> = new Set(
  `true false null none nil undefined nan yes no on off string str number int integer bool boolean bytes byte any unknown object array
  never void char varchar text secretstr securestring sensitivevalue optional required missing invalid valid expired empty blank default
  redacted hidden masked filtered removed changed reset updated incorrect wrong failed failure ok error denied rejected mismatch not is
  was the a an and or must should cannot can to for from with in of has field input value n/a - -- ? * \\ . ... … [filtered] [redacted]
  *** <redacted> <hidden> <masked> <secret> <password> <token> (hidden) (redacted) protected encrypted sensitive same-origin include omit changeit 密码 密碼 パスワード 비밀번호 пароль şifre hasło contraseña
  mandatory needed correct unchanged unset provided supplied present absent weak strong medium short long forgotten accepted refused ignored pending disabled enabled unsupported inherit basic plain
  erforderlich notwendig pflicht pflichtfeld optional leer falsch ungültig ungueltig gültig fehlt fehlerhaft vergessen geändert geaendert abgelaufen unbekannt ändern aendern anzeigen verbergen bestätigen wiederholen eingeben ja nein keine keins schwach stark richtig inkorrekt
  obligatoire requis facultatif incorrect invalide erroné oublié manquant vide modifié expiré oui non aucun inconnu faible fort
  obligatorio obligatoria requerido requerida opcional incorrecto incorrecta inválido inválida invalido invalida vacío vacía vacio vacia olvidada cambiada expirada sí si ninguna desconocida débil
  obrigatório obrigatória obrigatorio obrigatoria requerida incorreto incorreta errada vazia esquecida alterada expirada sim não nao nenhuma fraca forte
  obbligatorio obbligatoria richiesta facoltativa errata errato sbagliata non valida vuota mancante dimenticata scaduta debole
  verplicht vereist optioneel onjuist ongeldig leeg vergeten gewijzigd verlopen ja nee geen zwak sterk
  krävs obligatoriskt saknas fel felaktigt ogiltigt tomt glömt ändrat nej inget påkrævet mangler forkert ugyldig ugyldigt tom glemt endret kreves påkrevd feil
  vaaditaan pakollinen väärä virheellinen puuttuu tyhjä unohtunut kyllä ei
  wymagane wymagany obowiązkowe nieprawidłowe błędne niepoprawne puste brak zmienione wygasło tak nie
  povinné povinný požadováno neplatné špatné chybné chybí prázdné změněno ano ne žádné nesprávné
  zorunlu gerekli geçersiz yanlış hatalı boş eksik unutuldu değiştirildi evet hayır hiçbiri
  obligatorie necesară greșită incorectă lipsă kötelező hibás érvénytelen hiányzik üres wajib diperlukan salah kosong`.split(
    /\s+/,
  ),
);
