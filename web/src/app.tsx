import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { ApiFailure } from "./api/client.js";
import { LiveProvider } from "./api/live.js";
import { LoginGate } from "./components/login-gate.js";
import { router } from "./router.js";
import { theme } from "./theme.js";

const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // Values arrive by events; a refetch follows a lost connection.
      staleTime: 60_000,
      retry: (count, error) => count < 2 && !(error instanceof ApiFailure && error.status < 500),
      refetchOnWindowFocus: false,
    },
  },
});

export function App() {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <QueryClientProvider client={queryClient}>
        <LoginGate>
          <LiveProvider>
            <RouterProvider router={router} />
          </LiveProvider>
        </LoginGate>
      </QueryClientProvider>
    </MantineProvider>
  );
}
