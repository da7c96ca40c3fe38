import { PasswordInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { useTranslation } from "react-i18next";

export const SHORTEST = 12;

export interface WithPassword {
  password: string;
  again: string;
}

/** Checks of a new password that need no controller. */
export function passwordChecks(t: (key: string) => string) {
  return {
    password: (value: string) => (value.length < SHORTEST ? t("session.new.too_short") : null),
    again: (value: string, values: WithPassword) =>
      value === values.password ? null : t("session.new.differs"),
  };
}

/** A new password, twice. */
export function NewPassword<T extends WithPassword>({ form }: { form: UseFormReturnType<T> }) {
  const { t } = useTranslation();
  const toggle = { "aria-label": t("session.show") };
  return (
    <>
      <PasswordInput
        label={t("session.new.password")}
        description={t("session.new.rule")}
        autoComplete="new-password"
        visibilityToggleButtonProps={toggle}
        {...form.getInputProps("password")}
      />
      <PasswordInput
        label={t("session.new.again")}
        autoComplete="new-password"
        visibilityToggleButtonProps={toggle}
        {...form.getInputProps("again")}
      />
    </>
  );
}
