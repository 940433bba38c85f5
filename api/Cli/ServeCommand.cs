using System.CommandLine;
using RestKv.Api.Hosting.Options;

namespace RestKv.Api.Cli;

/// <summary>`restkv serve`: runs one member until it is told to stop.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        var command = new Command("serve", "Run one member of the store (the default).");
        var flags = new OptionFlags(command, OptionCatalog.All);
        var print = new Option<bool>("--print-config") { Description = "Show every value and where it comes from, then exit." };
        command.Add(print);
        GroupedHelp.Replace(command, flags);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var loaded = flags.Load(parsed);
            if (!OptionFlags.Report(loaded))
            {
                return ExitCodes.Usage;
            }

            if (parsed.GetValue(print))
            {
                await ConfigurationListing.WriteAsync(loaded, Console.Out);
                return ExitCodes.Ok;
            }

            return await NodeRunner.RunAsync(loaded.Options, loaded.Warnings, cancellationToken);
        });
        return command;
    }
}
