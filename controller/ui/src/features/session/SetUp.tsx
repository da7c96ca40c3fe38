import { Button, Select, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { answer, api, Refusal, type Schemas } from "../../api/client";
import { useEnter } from "../../app/session";
import { Refused } from "../../parts/Refused";
import { Front } from "./Front";
import { NewPassword, passwordChecks } from "./NewPassword";

/** First-run set-up: the top area and its administrator. */
export default function SetUp() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const enter = useEnter();
  const form = useForm({
    initialValues: {
      code: "",
      area_name: "",
      area_level: "commune" as Schemas["SetupBody"]["area_level"],
      username: "",
      display_name: "",
      password: "",
      again: "",
    },
    validate: {
      ...passwordChecks(t),
      code: (value) => (value.trim() ? null : t("session.set_up.code_missing")),
      area_name: (value) => (value.trim() ? null : t("session.set_up.missing")),
      display_name: (value) => (value.trim() ? null : t("session.set_up.missing")),
      username: (value) =>
        /^[a-z0-9][a-z0-9._-]{2,39}$/.test(value) ? null : t("session.set_up.username_rule"),
    },
  });
  const setUp = useMutation({
    mutationFn: ({ again: _, ...values }: typeof form.values) =>
      answer(
        api.POST("/api/v1/setup", {
          body: { ...values, area_code: "", timezone: "Asia/Ho_Chi_Minh" },
        }),
      ),
    onSuccess: (session) => {
      queries.removeQueries({ queryKey: ["system"] });
      enter(session);
      void navigate("/quan-tri", { replace: true });
    },
    onError: (error) => {
      if (error instanceof Refusal && error.field && error.field in form.values)
        form.setFieldError(error.field, error.message);
    },
  });
  return (
    <Front title={t("session.set_up.title")} text={t("session.set_up.text")}>
      <form onSubmit={form.onSubmit((values) => setUp.mutate(values))}>
        <Stack>
          <TextInput
            label={t("session.set_up.code")}
            description={t("session.set_up.code_where")}
            autoComplete="off"
            {...form.getInputProps("code")}
          />
          <Select
            label={t("session.set_up.level")}
            allowDeselect={false}
            data={[
              { value: "commune", label: t("session.set_up.commune") },
              { value: "province", label: t("session.set_up.province") },
            ]}
            {...form.getInputProps("area_level")}
          />
          <TextInput
            label={t("session.set_up.area_name")}
            placeholder={t("session.set_up.area_example")}
            {...form.getInputProps("area_name")}
          />
          <TextInput label={t("session.set_up.name")} {...form.getInputProps("display_name")} />
          <TextInput
            label={t("session.username")}
            description={t("session.set_up.username_rule")}
            autoComplete="username"
            autoCapitalize="none"
            {...form.getInputProps("username")}
          />
          <NewPassword form={form} />
          <Refused error={setUp.error} />
          <Button type="submit" size="lg" loading={setUp.isPending}>
            {t("session.set_up.act")}
          </Button>
        </Stack>
      </form>
    </Front>
  );
}
