import { Stack, Text, ThemeIcon, Title } from "@mantine/core";
import type { ComponentType, ReactNode } from "react";

interface EmptyProps {
  icon?: ComponentType<{ size?: number; stroke?: number; "aria-hidden"?: boolean }>;
  title: string;
  hint?: string;
  /** The next step. */
  children?: ReactNode;
}

/** Nothing here yet, and what to do about it. */
export function Empty({ icon: Icon, title, hint, children }: EmptyProps) {
  return (
    <Stack align="center" py="xl" gap="sm" ta="center">
      {Icon && (
        <ThemeIcon size={64} radius="xl" variant="light" aria-hidden="true">
          <Icon size={34} stroke={1.6} aria-hidden />
        </ThemeIcon>
      )}
      <Title order={2} size="h3">
        {title}
      </Title>
      {hint && <Text maw={440}>{hint}</Text>}
      {children}
    </Stack>
  );
}
