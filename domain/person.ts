/** A person by what identifies them. Invariant: lives in memory and in the vault only; facts, pictures and workflows know an id. */

/** Phone in E.164, zone an IANA name, locale a language tag. E-mail may come in any case. */
export interface PersonData {
  readonly name: string | null;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly email: string | null;
  readonly phone: string | null;
  readonly zone: string | null;
  readonly locale: string | null;
}
