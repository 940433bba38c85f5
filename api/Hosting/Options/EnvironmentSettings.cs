using System.Text.RegularExpressions;

namespace RestKv.Api.Hosting.Options;

/// <summary>Settings from `RESTKV_*` and, with a warning, from `ETCD_*` variables. An empty variable counts as not set.</summary>
internal static partial class EnvironmentSettings
{
    public const string ConfigVariable = "RESTKV_CONFIG";

    private const string Prefix = "RESTKV_";

    private const string EtcdPrefix = "ETCD_";

    /// <summary>Variables that belong to clients of the server, and to the tests: not ours to refuse.</summary>
    private static readonly HashSet<string> ForOthers =
        new([ConfigVariable, "RESTKV_ENDPOINTS", "RESTKV_TOKEN", "RESTKV_CACERT", "RESTKV_RECORD"], StringComparer.Ordinal);

    private static readonly Dictionary<string, OptionDefinition> ByVariable =
        OptionCatalog.All.ToDictionary(option => option.EnvironmentName, StringComparer.Ordinal);

    private static readonly Dictionary<string, OptionDefinition> ByEtcdVariable =
        OptionCatalog.All.Where(option => option.EtcdName is not null).ToDictionary(option => option.EtcdName!, StringComparer.Ordinal);

    public static void Read(
        IReadOnlyDictionary<string, string> environment,
        List<OptionSetting> settings,
        List<OptionFault> faults,
        List<string> warnings)
    {
        foreach (var (variable, text) in environment.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if (text.Length == 0)
            {
                continue;
            }

            if (variable.StartsWith(Prefix, StringComparison.Ordinal))
            {
                ReadOwn(variable, text, settings, faults);
            }
            else if (variable.StartsWith(EtcdPrefix, StringComparison.Ordinal))
            {
                ReadEtcd(variable, text, settings, warnings);
            }
        }
    }

    private static void ReadOwn(string variable, string text, List<OptionSetting> settings, List<OptionFault> faults)
    {
        if (ByVariable.TryGetValue(variable, out var definition))
        {
            settings.Add(new OptionSetting(definition, text, OptionSource.Environment, $"environment variable {variable}"));
        }
        else if (!ForOthers.Contains(variable) && !KubernetesServiceVariable().IsMatch(variable))
        {
            var guess = OptionCatalog.Guess(variable[Prefix.Length..]);
            faults.Add(new OptionFault(
                variable,
                null,
                "environment",
                guess is null ? "is not an option" : $"is not an option; did you mean {OptionCatalog.Find(guess)!.EnvironmentName}?"));
        }
    }

    private static void ReadEtcd(string variable, string text, List<OptionSetting> settings, List<string> warnings)
    {
        if (ByEtcdVariable.TryGetValue(variable, out var definition))
        {
            settings.Add(new OptionSetting(definition, text, OptionSource.EtcdEnvironment, $"environment variable {variable}"));
            warnings.Add($"{variable} is understood, but it is etcd's name: use {definition.EnvironmentName}");
        }
        else
        {
            warnings.Add($"{variable} has no meaning here and is ignored");
        }
    }

    /// <summary>
    /// Kubernetes puts these into every container beside a service named restkv or restkv-something; refusing them would keep
    /// the server from starting there.
    /// </summary>
    [GeneratedRegex(@"^RESTKV_([A-Z0-9_]+_)?(SERVICE_(HOST|PORT(_[A-Z0-9_]+)?)|PORT(_\d+_(TCP|UDP|SCTP)(_(ADDR|PORT|PROTO))?)?)$")]
    private static partial Regex KubernetesServiceVariable();
}
