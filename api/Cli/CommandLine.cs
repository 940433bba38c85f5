using System.CommandLine;
using System.CommandLine.Invocation;
using RestKv.Api.Hosting.Options;

namespace RestKv.Api.Cli;

/// <summary>The `restkv` command line. Without a verb it serves.</summary>
public static class CommandLine
{
    private const string ServeVerb = "serve";

    private static readonly HashSet<string> RootFlags = new(["--help", "-h", "-?", "--version"], StringComparer.Ordinal);

    public static async Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand("RestKv, a distributed, strongly consistent key-value store over plain HTTP.")
        {
            ServeCommand.Create(),
            HealthCommand.Create(),
            CheckCommand.Create(),
            InspectCommand.Create(),
            SnapshotCommand.Create(),
            RestoreCommand.Create(),
            ImportCommand.Create(),
            CertsCommand.Create(),
        };
        if (args.Length > 0 && !args[0].StartsWith('-') && root.Subcommands.All(command => command.Name != args[0]))
        {
            await Console.Error.WriteLineAsync(
                $"restkv: there is no command \"{args[0]}\"; there are {string.Join(", ", root.Subcommands.Select(command => command.Name))}");
            await Console.Error.WriteLineAsync("Try: restkv --help");
            return ExitCodes.Usage;
        }

        var result = root.Parse(WithVerb(args), new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (result.Action is ParseErrorAction)
        {
            foreach (var error in result.Errors)
            {
                await Console.Error.WriteLineAsync($"restkv: {error.Message}{Guess(result.UnmatchedTokens, error.Message)}");
            }

            var command = result.CommandResult.Command;
            await Console.Error.WriteLineAsync(command == root ? "Try: restkv --help" : $"Try: restkv {command.Name} --help");
            return ExitCodes.Usage;
        }

        // Signals belong to the host, which drains first; the parser's own handler would end the process after two seconds.
        return await result.InvokeAsync(new InvocationConfiguration
        {
            ProcessTerminationTimeout = null,
            EnableDefaultExceptionHandler = false,
        });
    }

    /// <summary>What a misspelt flag may have meant.</summary>
    private static string Guess(IReadOnlyList<string> unmatched, string message) =>
        unmatched.FirstOrDefault(token =>
                token.StartsWith("--", StringComparison.Ordinal) && message.Contains(token, StringComparison.Ordinal)) is { } flag
        && OptionCatalog.Guess(flag.TrimStart('-').Split('=')[0]) is { } guess
            ? $" Did you mean --{guess}?"
            : "";

    /// <summary>`restkv --data-dir x` means `restkv serve --data-dir x`.</summary>
    private static string[] WithVerb(string[] args) =>
        args.Length == 0 || (args[0].StartsWith('-') && !RootFlags.Contains(args[0])) ? [ServeVerb, .. args] : args;
}
