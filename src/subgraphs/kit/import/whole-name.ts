/** A name that was delivered as a whole, as its column keeps it: as written, with no part of it guessed. */
export const wholeName = (asWritten: string, mother: string | null = null): Record<string, string | null> => ({
  asWritten,
  ism: null,
  father: null,
  grandfather: null,
  family: null,
  mother,
  laqab: null,
  romanised: null,
});
