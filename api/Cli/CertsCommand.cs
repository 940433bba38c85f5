using System.CommandLine;
using System.Security.Cryptography;
using RestKv.Api.Security;
using RestKv.Storage;

namespace RestKv.Api.Cli;

/// <summary>
/// `restkv certs`: a private authority and certificates signed by it, for people who have none. `cluster` makes everything a
/// cluster needs in one go and leaves alone what is there, so it may run before every start.
/// </summary>
internal static class CertsCommand
{
    private const int AuthorityDays = 3650;
    private const int LeafDays = 365;

    private static readonly string[] OwnHosts = ["localhost", "127.0.0.1", "::1"];

    public static Command Create()
    {
        var command = new Command("certs", "Make a private certificate authority and certificates for members and clients.");
        command.Add(Authority());
        command.Add(Node());
        command.Add(Client());
        command.Add(Cluster());
        return command;
    }

    private static Command Authority()
    {
        var command = new Command("ca", "Make an authority: ca.crt, which everybody may have, and ca.key, which nobody may.");
        var (folder, days) = (Folder(), Days(AuthorityDays));
        var name = new Option<string>("--name") { Description = "What it is called. [RestKv CA]", HelpName = "TEXT" };
        command.Add(folder);
        command.Add(days);
        command.Add(name);
        command.SetAction(parsed => Run(() =>
        {
            var into = new CertificateFolder(parsed.GetValue(folder)!);
            Refuse(into, CertificateFolder.AuthorityName);
            into.Write(CertificateFolder.AuthorityName, NewAuthority(parsed.GetValue(name) ?? "RestKv CA", parsed.GetValue(days)));
            Tell(into, CertificateFolder.AuthorityName);
        }));
        return command;
    }

    private static Command Node()
    {
        var command = new Command("node", "Make a member's certificate, good as a server and as a client.");
        var (folder, days, name) = (Folder(), Days(LeafDays), Name("The member's name, and a host name of it."));
        var hosts = new Option<string>("--hosts")
        {
            Description = "More host names and addresses, besides NAME, localhost, 127.0.0.1 and ::1.",
            HelpName = "HOST,...",
        };
        command.Add(name);
        command.Add(hosts);
        command.Add(folder);
        command.Add(days);
        command.SetAction(parsed => Run(() => Issue(
            parsed.GetValue(folder)!, parsed.GetValue(name)!,
            HostsOf(parsed.GetValue(name)!, parsed.GetValue(hosts)), parsed.GetValue(days))));
        return command;
    }

    private static Command Client()
    {
        var command = new Command("client", "Make a client's certificate.");
        var (folder, days, name) = (Folder(), Days(LeafDays), Name("The client's name."));
        command.Add(name);
        command.Add(folder);
        command.Add(days);
        command.SetAction(parsed => Run(() =>
            Issue(parsed.GetValue(folder)!, parsed.GetValue(name)!, [], parsed.GetValue(days))));
        return command;
    }

    private static Command Cluster()
    {
        var command = new Command(
            "cluster", "Make an authority and, in a folder for each member, ca.crt, node.crt and node.key; what is there stays.");
        var (folder, days) = (Folder(), Days(LeafDays));
        var names = new Argument<string[]>("NAME")
        {
            Description = "Names of the members, which are host names of theirs.",
            Arity = ArgumentArity.OneOrMore,
        };
        command.Add(names);
        command.Add(folder);
        command.Add(days);
        command.SetAction(parsed => Run(() =>
            MakeCluster(parsed.GetValue(folder)!, parsed.GetValue(names)!, parsed.GetValue(days))));
        return command;
    }

    private static void MakeCluster(string folder, string[] names, int days)
    {
        var root = new CertificateFolder(folder);
        if (!root.Has(CertificateFolder.AuthorityName))
        {
            root.Write(CertificateFolder.AuthorityName, NewAuthority("RestKv CA", AuthorityDays));
            Tell(root, CertificateFolder.AuthorityName);
        }

        var authority = root.Read(CertificateFolder.AuthorityName);
        foreach (var name in names)
        {
            CheckHost(name);
            var own = new CertificateFolder(Path.Combine(root.Root, name));
            if (own.Has("node"))
            {
                continue;
            }

            own.Write("node", CertificateMaker.Issue(
                authority, name, HostsOf(name, null), TimeSpan.FromDays(days), TimeProvider.System.GetUtcNow()));
            if (!own.Has(CertificateFolder.AuthorityName))
            {
                own.WriteCertificate(CertificateFolder.AuthorityName, authority.Certificate.Trim());
            }

            Tell(own, "node");
        }
    }

    private static void Issue(string folder, string name, IReadOnlyList<string> hosts, int days)
    {
        var into = new CertificateFolder(folder);
        if (name.Length == 0 || name == CertificateFolder.AuthorityName || name.Contains('/', StringComparison.Ordinal))
        {
            throw new CertificateRefusedException($"\"{name}\" cannot be a name here: it becomes the name of files");
        }

        if (!into.Has(CertificateFolder.AuthorityName))
        {
            throw new CertificateRefusedException($"{into.Root} holds no ca.crt and ca.key: make them first, with restkv certs ca");
        }

        Refuse(into, name);
        into.Write(name, CertificateMaker.Issue(
            into.Read(CertificateFolder.AuthorityName), name, hosts, TimeSpan.FromDays(days), TimeProvider.System.GetUtcNow()));
        Tell(into, name);
    }

    private static CertificatePem NewAuthority(string name, int days) =>
        CertificateMaker.Authority(name, TimeSpan.FromDays(days), TimeProvider.System.GetUtcNow());

    private static string[] HostsOf(string name, string? more)
    {
        string[] hosts = [name, .. more is null ? [] : more.Split(','), .. OwnHosts];
        foreach (var host in hosts)
        {
            CheckHost(host);
        }

        return [.. hosts.Distinct(StringComparer.OrdinalIgnoreCase)];
    }

    private static void CheckHost(string host)
    {
        if (Uri.CheckHostName(host) is UriHostNameType.Unknown)
        {
            throw new CertificateRefusedException($"\"{host}\" is no host name and no address");
        }
    }

    private static void Refuse(CertificateFolder folder, string name)
    {
        if (folder.Has(name))
        {
            throw new CertificateRefusedException(
                $"{folder.Root} holds {CertificateFolder.CertificateOf(name)} or {CertificateFolder.KeyOf(name)} already, and nothing is "
                    + "overwritten");
        }
    }

    private static void Tell(CertificateFolder folder, string name) => Console.Out.WriteLine(
        $"{Path.Combine(folder.Root, CertificateFolder.CertificateOf(name))} and {CertificateFolder.KeyOf(name)}");

    private static int Run(Action make)
    {
        try
        {
            make();
            return ExitCodes.Ok;
        }
        catch (Exception refusal) when (refusal is CertificateRefusedException or StorageIoException)
        {
            Console.Error.WriteLine($"restkv: {refusal.Message}");
            return ExitCodes.Usage;
        }
        catch (Exception failure) when (failure is CryptographicException or ArgumentException)
        {
            Console.Error.WriteLine($"restkv: ca.crt and ca.key cannot be used: {failure.Message}");
            return ExitCodes.Usage;
        }
    }

    private static Option<string> Folder() => new("--dir")
    {
        Description = "Folder of the certificates and keys. [./certs]",
        HelpName = "DIR",
        DefaultValueFactory = _ => "certs",
    };

    private static Option<int> Days(int usual)
    {
        var days = new Option<int>("--days")
        {
            Description = $"How long it is valid; never longer than its authority. [{usual}]",
            HelpName = "N",
            DefaultValueFactory = _ => usual,
        };
        days.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 36_500)
            {
                result.AddError("--days must be from 1 to 36500");
            }
        });
        return days;
    }

    private static Argument<string> Name(string description) => new("NAME") { Description = description };

    /// <summary>What was asked for is not done, and why.</summary>
    private sealed class CertificateRefusedException(string message) : Exception(message);
}
