import { Stack, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { NavLink, Outlet } from "react-router";
import classes from "./administration.module.css";

const PARTS = [
  { to: "/quan-tri/dia-ban", key: "areas" },
  { to: "/quan-tri/tai-khoan", key: "accounts" },
  { to: "/quan-tri/quy-dinh", key: "rules" },
  { to: "/quan-tri/ma-truy-cap", key: "tokens" },
  { to: "/quan-tri/da-lam", key: "audit" },
] as const;

/** Areas, accounts, rules, tokens and the audit trail, each one press away. */
export default function AdministrationLayout() {
  const { t } = useTranslation();
  return (
    <Stack gap="lg">
      <Title order={1} size="h2">
        {t("administration.title")}
      </Title>
      <nav className={classes.parts} aria-label={t("administration.title")}>
        {PARTS.map(({ to, key }) => (
          <NavLink key={to} to={to} className={classes.part}>
            {t(`administration.part.${key}`)}
          </NavLink>
        ))}
      </nav>
      <Outlet />
    </Stack>
  );
}
