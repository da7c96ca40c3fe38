import { createTheme, type MantineColorsTuple } from "@mantine/core";

/** One brand colour; meanings of colours are fixed in meanings.ts. */
const brand: MantineColorsTuple = [
  "#e7f6f4",
  "#cfe9e5",
  "#a0d3cc",
  "#6dbcb2",
  "#44a99d",
  "#2a9d90",
  "#128577",
  "#0b6e64",
  "#0b5c55",
  "#054640",
];

export const theme = createTheme({
  fontFamily: "'Be Vietnam Pro', system-ui, sans-serif",
  headings: { fontFamily: "'Be Vietnam Pro', system-ui, sans-serif", fontWeight: "600" },
  colors: { brand },
  primaryColor: "brand",
  respectReducedMotion: true,
  primaryShade: { light: 8, dark: 6 },
  defaultRadius: "md",
  fontSizes: { xs: "0.875rem", sm: "1rem", md: "1rem", lg: "1.125rem", xl: "1.375rem" },
  components: {
    Button: { defaultProps: { size: "md" } },
    TextInput: { defaultProps: { size: "md" } },
    PasswordInput: { defaultProps: { size: "md" } },
    Select: { defaultProps: { size: "md" } },
    Textarea: { defaultProps: { size: "md" } },
    NumberInput: { defaultProps: { size: "md" } },
    ActionIcon: { defaultProps: { size: 48, variant: "subtle" } },
  },
});
