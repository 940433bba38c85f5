using System.CommandLine;
using System.Text;
using RestKv.Api.Hosting.Options;
using RestKv.Storage;

namespace RestKv.Api.Cli.Import;

/// <summary>The flags of an import, and what was typed as options.</summary>
internal sealed class ImportFlags
{
    private const int SecretBytesMax = 64 << 10;

    private readonly SideFlags _source = new("from-", Text(
        "--from-etcd", "URL,...", "The etcd (3.4 or newer) to copy: addresses of its members, any one of which is enough."));

    private readonly SideFlags _target = new("", Text(
        "--endpoint", "URL,...", "The RestKv to copy into: addresses of its members, any one of which is enough."));

    private readonly Option<string[]> _prefixes = new("--prefix")
    {
        Description = "Only keys that begin with this; may be given several times. [all keys]",
        HelpName = "TEXT",
    };

    private readonly Option<string?> _strip = Text("--strip-prefix", "TEXT", "Taken off the front of each key; every --prefix begins with it.");

    private readonly Option<string?> _to = Text("--to-prefix", "TEXT", "Put in front of each key.");

    private readonly Option<bool> _once = new("--once")
    {
        Description = "Copy, catch up, compare and end, instead of following until a signal.",
    };

    private readonly Option<long> _until = new("--until-revision")
    {
        Description = "Cut over at this revision of the source, and compare as of it.",
        HelpName = "N",
    };

    private readonly Option<bool> _overwrite = new("--overwrite")
    {
        Description = "Make the keys of the target what the source has: what differs is replaced, what the source has not is deleted. "
            + "Also how an import that was interrupted goes on.",
    };

    private readonly Option<bool> _verify = new("--verify") { Description = "Only compare, key by key; nothing is changed." };

    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Only count what a copy would write and delete." };

    private readonly Option<string?> _patience = Text("--patience", "DURATION", "How long a store may be out of reach before we give up. [5m]");

    public ImportFlags(Command command)
    {
        foreach (var option in (Option[])
            [
                .. _source.All, .. _target.All, _prefixes, _strip, _to, _once, _until, _overwrite, _verify, _dryRun, _patience,
            ])
        {
            command.Add(option);
        }
    }

    /// <exception cref="ImportFailure">Something that was typed cannot be.</exception>
    public ImportOptions Read(ParseResult parsed)
    {
        (bool IsChosen, ImportMode Mode)[] all =
        [
            (parsed.GetValue(_once), ImportMode.Once), (parsed.GetValue(_verify), ImportMode.Verify),
            (parsed.GetValue(_dryRun), ImportMode.DryRun), (parsed.GetValue(_until) != 0, ImportMode.Follow),
        ];
        var modes = all.Where(choice => choice.IsChosen).Select(choice => choice.Mode).ToArray();
        Require(modes.Length < 2, "--once, --until-revision, --verify and --dry-run exclude each other");
        Require(parsed.GetValue(_until) >= 0, "--until-revision must be a revision");
        var (prefixes, strip) = (parsed.GetValue(_prefixes) ?? [], parsed.GetValue(_strip) ?? "");
        Require(
            strip.Length == 0 || (prefixes.Length > 0 && prefixes.All(prefix => prefix.StartsWith(strip, StringComparison.Ordinal))),
            $"--strip-prefix {strip}: every --prefix must begin with it");
        var patience = DurationText.Parse(parsed.GetValue(_patience) ?? "5m", TimeSpan.FromSeconds(1));
        Require(patience.Fault is null, $"--patience {patience.Fault}");
        return new ImportOptions
        {
            Source = _source.Read("source", parsed),
            Target = _target.Read("target", parsed),
            Keys = new KeyMap(prefixes, strip, parsed.GetValue(_to) ?? ""),
            Mode = modes is [var mode] ? mode : ImportMode.Follow,
            Overwrites = parsed.GetValue(_overwrite),
            UntilRevision = parsed.GetValue(_until),
            Patience = patience.Value,
        };
    }

    public static Option<string?> Text(string name, string value, string description) =>
        new(name) { Description = description, HelpName = value };

    public static void Require(bool condition, string text)
    {
        if (!condition)
        {
            throw new ImportFailure(ExitCodes.Usage, text);
        }
    }

    /// <summary>A password or token from a file, without the line's end behind it.</summary>
    public static string Secret(string file)
    {
        try
        {
            var path = Path.GetFullPath(file);
            using var opened = new PhysicalFileSystem(Path.GetDirectoryName(path) ?? "/").Open(Path.GetFileName(path), writable: false);
            Require(opened.Length <= SecretBytesMax, $"{file} is too large for a secret");
            var bytes = new byte[opened.Length];
            return Encoding.UTF8.GetString(bytes.AsSpan(0, opened.ReadAt(0, bytes))).TrimEnd('\r', '\n');
        }
        catch (StorageIoException failure)
        {
            throw new ImportFailure(ExitCodes.Usage, failure.Message);
        }
    }
}
