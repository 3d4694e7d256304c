import { mediumLook } from "./icons.js";
import styles from "./medium-icon.module.css";

export function MediumIcon({ medium }: { readonly medium: number | null }) {
  const { drawing, hue } = mediumLook(medium);
  return (
    <span className={styles["tile"]} data-hue={hue}>
      {drawing}
    </span>
  );
}
