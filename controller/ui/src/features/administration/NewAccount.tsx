import { Button, Group, Modal, Radio, Select, Stack, Switch, Text, TextInput } from "@mantine/core";
import { isNotEmpty, matches, useForm } from "@mantine/form";
import { useTranslation } from "react-i18next";
import { areaChoices, useAreas } from "../../parts/areas";
import { Refused } from "../../parts/Refused";
import { type Link, ROLES, type Role, useCreateAccount } from "./queries";

interface NewAccountProps {
  opened: boolean;
  onClose: () => void;
  onMade: (link: Link) => void;
}

const USERNAME = /^[a-z0-9][a-z0-9._-]{2,39}$/;

/** Adds a person: who, what they may do, where. Their password they choose themselves. */
export function NewAccount({ opened, onClose, onMade }: NewAccountProps) {
  const { t } = useTranslation();
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      size="lg"
      title={t("administration.accounts.add")}
      closeButtonProps={{ "aria-label": t("general.close") }}
    >
      <AccountForm onMade={onMade} />
    </Modal>
  );
}

function AccountForm({ onMade }: { onMade: (link: Link) => void }) {
  const { t } = useTranslation();
  const areas = useAreas().data ?? [];
  const create = useCreateAccount();
  const form = useForm({
    mode: "controlled",
    initialValues: {
      display_name: "",
      username: "",
      role: "operator" as Role,
      area_id: "",
      may_release_emergency: false,
    },
    validate: {
      display_name: isNotEmpty(t("administration.new.name_missing")),
      username: matches(USERNAME, t("administration.new.username_rule")),
      area_id: isNotEmpty(t("administration.new.area_missing")),
    },
  });
  const { role, area_id, display_name } = form.values;
  const area = areas.find((item) => item.id === area_id)?.name;
  return (
    <form
      noValidate
      onSubmit={form.onSubmit((values) =>
        create.mutate(
          { ...values, may_release_emergency: values.may_release_emergency && role === "approver" },
          { onSuccess: onMade },
        ),
      )}
    >
      <Stack>
        <TextInput
          label={t("administration.new.name")}
          placeholder={t("administration.new.name_example")}
          maxLength={200}
          data-autofocus
          {...form.getInputProps("display_name")}
        />
        <TextInput
          label={t("administration.new.username")}
          description={t("administration.new.username_rule")}
          autoCapitalize="none"
          autoComplete="off"
          spellCheck={false}
          {...form.getInputProps("username")}
        />
        <Radio.Group label={t("administration.new.role")} {...form.getInputProps("role")}>
          <Stack gap="sm" mt="xs">
            {ROLES.map((one) => (
              <Radio
                key={one}
                size="md"
                value={one}
                label={t(`administration.role.${one}`)}
                description={t(`administration.role_means.${one}`)}
              />
            ))}
          </Stack>
        </Radio.Group>
        <Select
          label={t("administration.new.area")}
          description={t("administration.new.area_hint")}
          data={areaChoices(areas)}
          searchable
          {...form.getInputProps("area_id")}
        />
        {role === "approver" && (
          <Switch
            size="md"
            label={t("administration.new.emergency")}
            description={t("administration.new.emergency_hint")}
            {...form.getInputProps("may_release_emergency", { type: "checkbox" })}
          />
        )}
        {area !== undefined && display_name.trim() !== "" && (
          <Text>
            {t("administration.new.sentence", {
              name: display_name.trim(),
              role: t(`administration.role.${role}`).toLowerCase(),
              area,
            })}
          </Text>
        )}
        <Refused error={create.error} />
        <Group justify="flex-end">
          <Button type="submit" loading={create.isPending}>
            {t("administration.new.press")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
