import { Button, PasswordInput, Stack, Title } from "@mantine/core";
import { useForm } from "@mantine/form";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { answer, api } from "../../api/client";
import { Refused } from "../../parts/Refused";
import { NewPassword, passwordChecks } from "./NewPassword";

/** Change of one's own password. */
export default function Password() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const form = useForm({
    initialValues: { current: "", password: "", again: "" },
    validate: passwordChecks(t),
  });
  const change = useMutation({
    mutationFn: (values: { current: string; password: string }) =>
      answer(
        api.POST("/api/v1/session/password", {
          body: { current: values.current, new: values.password },
        }),
      ),
    onSuccess: async () => {
      // The session is a new one, and so is the token against forged requests.
      await queries.invalidateQueries({ queryKey: ["session"] });
      notifications.show({ message: t("session.change.done") });
      void navigate("/");
    },
  });
  return (
    <Stack maw={480}>
      <Title order={1} size="h2">
        {t("session.change.title")}
      </Title>
      <form onSubmit={form.onSubmit((values) => change.mutate(values))}>
        <Stack>
          <PasswordInput
            label={t("session.change.current")}
            autoComplete="current-password"
            visibilityToggleButtonProps={{ "aria-label": t("session.show") }}
            {...form.getInputProps("current")}
          />
          <NewPassword form={form} />
          <Refused error={change.error} />
          <Button type="submit" loading={change.isPending}>
            {t("session.change.act")}
          </Button>
        </Stack>
      </form>
    </Stack>
  );
}
