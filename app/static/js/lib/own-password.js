/* The entry of a person's menu that leads to the page of their own password, and back here. */
import {t} from "./i18n.js";

export const changePassword = () => ({
  label: t("app.change_password"), icon: "key-round",
  run: () => location.assign(`/password?next=${encodeURIComponent(location.pathname + location.search)}`),
});
