/** The records of a type that may have an image, and where what belongs to the image is kept. */
export interface ImageRecords {
  /** The field that links to it, `Photograph.image`: its tier is what a download needs. */
  readonly coordinate: string;
  /**
   * The table of the records. It holds `sha256`, the digest that the list gives, and `image`, the digest of the image
   * attached: there is one while the two are equal.
   */
  readonly table: string;
  /** The table with `path` by `reference`: where the original lay in the delivery's folder. It has no reader. */
  readonly originals: string;
  /** The table with `digest`, `blurred`, `reduced` and `original` by `record`: sealed derivatives, and the sealed original's file. */
  readonly derivatives: string;
  /** The folder of a delivery that the paths are relative to. */
  readonly folder: string;
}
