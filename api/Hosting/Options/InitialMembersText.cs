namespace RestKv.Api.Hosting.Options;

/// <summary>`n1=http://a:2380,n2=http://b:2380`, in etcd's form; a name that comes again adds an address.</summary>
internal static class InitialMembersText
{
    public static Parsed<IReadOnlyList<InitialMember>> Parse(string text)
    {
        var urlsByName = new Dictionary<string, List<Uri>>(StringComparer.Ordinal);
        foreach (var part in text.Split(','))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals < 1)
            {
                return new(null, $"\"{part}\" is not of the form name=http://host:port");
            }

            if (UrlListText.ParseOne(part[(equals + 1)..], out var url) is { } fault)
            {
                return new(null, fault);
            }

            if (!urlsByName.TryGetValue(part[..equals], out var urls))
            {
                urlsByName.Add(part[..equals], urls = []);
            }

            urls.Add(url!);
        }

        return new([.. urlsByName.Select(pair => new InitialMember(pair.Key, pair.Value))], null);
    }

    public static string Show(IReadOnlyList<InitialMember> members) =>
        string.Join(',', members.SelectMany(member => member.PeerUrls.Select(url => $"{member.Name}={UrlListText.ShowOne(url)}")));
}
