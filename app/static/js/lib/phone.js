/* Telephone numbers the way people here read them. */

/* "+8613700000559" -> "137 0000 0559"; other countries and masked numbers stay as they are. */
export function phoneText(number) {
  const mobile = /^(?:\+86)?(1\d{2})(\d{4})(\d{4})$/.exec(number ?? "");
  if (mobile) return mobile.slice(1).join(" ");
  return (number ?? "").replace(/^\+86(?=\d)/, "0");
}
